/* test_load.c - a host that opens, loads, predicts and closes a thousand times: the
 * library comes and goes with its last connection, and leaves nothing behind.
 *
 * What malloc calls in use would grow all the same, by some 9 bytes a cycle, and still
 * after a thousand: glibc keeps the last seven freed blocks of each size up to 1 KB for
 * the thread that freed them, and counts them as in use (malloc/malloc.c, tcache). A size
 * that comes but rarely fills its seven places slowly. They go with their thread. So the
 * cycles run in threads of ROUND cycles each; what is in use after one is what was after
 * any other. */
#include "sql.h"
#include <pthread.h>
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#if __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define HAS_MALLINFO
#endif
#endif

#define CYCLES 1000
#define ROUND  100
#define WARM   200

static long resident_bytes(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/* bytes_in_use - malloc's, while no other thread runs; 0 where it does not tell. */
static long bytes_in_use(void) {
#ifdef HAS_MALLINFO
    return (long)mallinfo2().uordblks;
#else
    return 0;
#endif
}

static void cycle(void) {
    sqlite3 *db = sql_open(":memory:");
    CHECK_SQL(db, "SELECT typeof(digit_predict(zeroblob(784)))", "integer");
    sql_close(db);
    CHECK(sqlite3_memory_used() == 0);
}

/* The least seen in each half of the cycles after the first: what the allocator and the
 * page cache hold for a while comes and goes by megabytes. */
static long least[2];

static void *cycles_of_round(void *first) {
    for (int i = *(const int *)first, end = i + ROUND; i < end; i++) {
        cycle();
        if (i < WARM) continue;
        long *half = &least[i >= (WARM + CYCLES) / 2], now = resident_bytes();
        if (!*half || now < *half) *half = now;
    }
    return NULL;
}

int main(void) {
    /* A sanitiser or an emulator slows it down, and has memory of its own. */
    if (check_sanitised() || check_emulated()) {
        for (int i = 0; i < 20; i++) cycle();
        return check_done("test_load");
    }
    long used[CYCLES / ROUND];
    for (int first = 0; first < CYCLES; first += ROUND) {
        pthread_t thread;
        if (!CHECK(pthread_create(&thread, NULL, cycles_of_round, &first) == 0)) break;
        pthread_join(thread, NULL);
        used[first / ROUND] = bytes_in_use();
    }
    printf("resident: %ld bytes, later %ld\n", least[0], least[1]);
    CHECK(least[0] > 0 && least[1] - least[0] < 512 * 1024);
    printf("in use: %ld bytes, later %ld\n", used[1], used[CYCLES / ROUND - 1]);
    CHECK(used[CYCLES / ROUND - 1] == used[1]);
    return check_done("test_load");
}
