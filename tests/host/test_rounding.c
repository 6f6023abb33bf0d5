/* test_rounding.c - a host's floating-point modes: training refuses to round other than
 * to nearest, predictions go on, denormals flushed to zero change no bit, and we set no
 * mode. */
#include <fenv.h>
#include "sql.h"
#if defined(__SSE2__)
#include <xmmintrin.h>
#define HAS_MXCSR 1
#else
#define HAS_MXCSR 0
#endif

#define WHY                                                                              \
    "this thread does not round floats to nearest, so the weights would differ from "    \
    "those made elsewhere; call fesetround(FE_TONEAREST) first"

static void refused(sqlite3 *db) {
    CHECK_SQL(db, "SELECT * FROM train_model('images')" QUICK,
              "error: train_model: " WHY);
    CHECK_SQL(db, "SELECT * FROM train_model('images') WHERE resume = 1 AND epochs = 4",
              "error: train_model: " WHY);
    CHECK_SQL(db, "SELECT same, note FROM verify_model()",
              "NULL|cannot be repeated: " WHY);
    CHECK_SQL(db, "SELECT count(*) FROM images WHERE digit_predict(pixels) = label",
              "40");
}

static void test_modes(sqlite3 *db) {
    static const int modes[] = {
#ifdef FE_UPWARD
        FE_UPWARD,
#endif
#ifdef FE_DOWNWARD
        FE_DOWNWARD,
#endif
#ifdef FE_TOWARDZERO
        FE_TOWARDZERO,
#endif
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        fesetround(modes[i]);
        refused(db);
        CHECK(fegetround() == modes[i]);
        fesetround(FE_TONEAREST);
    }
}

/* The mode of SSE alone, of which fegetround knows nothing; and denormals. */
static void test_mxcsr(sqlite3 *db) {
#if HAS_MXCSR
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x2000); /* rounds down */
    refused(db);
    _mm_setcsr(before | 0x8040); /* flushes denormal results, takes denormals for zero */
    CHECK_SQL(db, "SELECT same, note FROM verify_model()", "1|NULL");
    CHECK_SQL(db, "SELECT count(*) FROM train_model('images')" QUICK, "3");
    CHECK((_mm_getcsr() & 0x8040) == 0x8040);
    _mm_setcsr(before);
#endif
    CHECK_SQL(db, "SELECT count(DISTINCT weights) FROM digitnet_models", "1");
    CHECK_SQL(db, "SELECT same, note FROM verify_model()", "1|NULL");
}

int main(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    CHECK_SQL(db, "SELECT count(*) FROM train_model('images')" QUICK, "3");
    test_modes(db);
    test_mxcsr(db);
    sql_close(db);
    return check_done("test_rounding");
}
