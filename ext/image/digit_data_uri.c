/* digit_data_uri.c - digit_data_uri(png): a PNG as text that HTML, CSS, SVG and Markdown
 * take for a picture.
 *
 *     SELECT '<img src="' || digit_data_uri(digit_png(pixels)) || '">' FROM images;
 *     <img src="data:image/png;base64,iVBORw0KGgo…">
 *
 * (SQLite has no base64 of its own, the shell only since 3.41.) NULL gives NULL; whatever
 * does not begin as a PNG is an error. */
#include "../../loaders/png.h"
#include "../../loaders/stop.h"
#include "../base/error.h"
#include "../base/interrupt.h"

#define LOOK   (3 << 18) /* bytes between two looks whether to go on */
#define PREFIX "data:image/png;base64,"

/* base64 - three bytes are four digits; '=' stands for those that are missing at the end.
 * 0 if it was stopped. */
static int base64(sqlite3_str *out, const unsigned char *bytes, int n, ext_watch *watch) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < n; i += 3) {
        if (i % LOOK == 0 && ext_watch_stop(watch)) return 0;
        const unsigned b = i + 1 < n ? bytes[i + 1] : 0, c = i + 2 < n ? bytes[i + 2] : 0;
        const unsigned three = (unsigned)bytes[i] << 16 | b << 8 | c;
        char four[4];
        for (int k = 0; k < 4; k++)
            four[k] = i + k > n ? '=' : digits[three >> (18 - 6 * k) & 63];
        sqlite3_str_append(out, four, 4);
    }
    return 1;
}

static void uri(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    const int type = sqlite3_value_type(argv[0]);
    char error[EXT_ERROR_SIZE];
    if (type == SQLITE_NULL) return;
    const unsigned char *bytes = type == SQLITE_BLOB ? sqlite3_value_blob(argv[0]) : NULL;
    const int n = sqlite3_value_bytes(argv[0]);
    if (!bytes || !png_has_signature(bytes, (size_t)n)) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "png is %s of %d bytes without a PNG's signature; expected a BLOB "
            "as digit_png gives it",
            ext_type_name(type), n);
        ext_result_error(context, "digit_data_uri", error);
        return;
    }
    ext_watch watch = {.db = sqlite3_context_db_handle(context)};
    sqlite3_str *out = sqlite3_str_new(watch.db);
    sqlite3_str_appendall(out, PREFIX);
    const int done = base64(out, bytes, n, &watch);
    ext_poll_end(&watch.poll);
    char *text = sqlite3_str_finish(out);
    if (!done) {
        sqlite3_free(text);
        ext_result_code(context, "digit_data_uri", ext_from_loader(LOAD_STOPPED, error),
                        error);
    } else if (text)
        sqlite3_result_text(context, text, -1, sqlite3_free);
    else
        sqlite3_result_error_nomem(context);
}

int ext_register_uri(sqlite3 *db) {
    return sqlite3_create_function_v2(
        db, "digit_data_uri", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC,
        NULL, uri, NULL, NULL, NULL);
}
