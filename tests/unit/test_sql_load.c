/* test_sql_load.c - a host that opens, loads, predicts and closes a thousand times: the
 * library comes and goes with its last connection, and leaves nothing behind. */
#include "sql.h"

#define CYCLES 1000
#define WARM   200

static long resident_bytes(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static void cycle(void) {
    sqlite3 *db = sql_open(":memory:");
    CHECK_SQL(db, "SELECT typeof(digit_predict(zeroblob(784)))", "integer");
    sql_close(db);
    CHECK(sqlite3_memory_used() == 0);
}

/* The least seen in each half of the cycles after the first: what the allocator and the
 * page cache hold for a while comes and goes by megabytes. */
int main(void) {
    /* A sanitiser slows it down, and keeps what was freed. */
    const int cycles = getenv("SAN") && *getenv("SAN") ? 20 : CYCLES;
    long least[2] = {0, 0};
    for (int i = 0; i < cycles; i++) {
        cycle();
        if (i < WARM) continue;
        long *half = &least[i >= (WARM + CYCLES) / 2], now = resident_bytes();
        if (!*half || now < *half) *half = now;
    }
    if (cycles == CYCLES) {
        printf("resident: %ld bytes, later %ld\n", least[0], least[1]);
        CHECK(least[0] > 0 && least[1] - least[0] < 512 * 1024);
    }
    return check_done("test_sql_load");
}
