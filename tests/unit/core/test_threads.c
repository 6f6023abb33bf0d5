/* test_threads.c - a team of threads: each task is done once, each piece of a task once,
 * by whoever has time, and all of it is there when the run ends. */
#include <stdatomic.h>
#include <string.h>
#include "../check.h"
#include "../../../core/threads.h"

#define THREADS  4
#define TASKS    6
#define PIECES   37
#define ROUNDS   200
#define PATIENCE 50000

typedef struct job {
    dn_threads *team;
    int shared; /* rounds of pieces in each task */
    int done[TASKS][PIECES];
    int tasks[TASKS];
    atomic_int helped;  /* pieces that another thread did than the task's */
    atomic_int missing; /* tasks, and pieces, that were not done when all should be */
} job;

/* A task's pieces, and the thread that shares them. */
typedef struct pieces {
    job *all;
    int task, thread;
} pieces;

static void piece(void *context, int number, int thread) {
    const pieces *mine = context;
    volatile int busy = 300;
    while (busy > 0) busy--;
    mine->all->done[mine->task][number]++;
    if (thread != mine->thread) atomic_fetch_add(&mine->all->helped, 1);
}

static void task(void *context, int number, int thread) {
    job *all = context;
    float *work[THREADS] = {NULL};
    const dn_crew crew = {all->team, thread, work};
    pieces mine = {all, number, thread};
    for (int i = 1; i <= all->shared; i++) {
        dn_crew_share(&crew, piece, &mine, PIECES);
        for (int k = 0; k < PIECES; k++)
            if (all->done[number][k] != i) atomic_fetch_add(&all->missing, 1);
    }
    all->tasks[number]++;
}

static void run(job *all, int limit, int tasks) {
    memset(all->done, 0, sizeof all->done);
    memset(all->tasks, 0, sizeof all->tasks);
    dn_threads_run(all->team, limit, task, all, tasks);
    for (int k = 0; k < TASKS; k++)
        if (all->tasks[k] != (k < tasks)) atomic_fetch_add(&all->missing, 1);
}

/* Where there are more threads than tasks, some of them help sooner or later; on a busy
 * machine two seldom run at once. */
static void test_share(int threads, int limit, int tasks) {
    const int helps = threads > tasks && limit > tasks && dn_threads_available() > 1;
    job all = {.team = dn_threads_start(threads), .shared = 3};
    for (int round = 0; round < ROUNDS; round++) run(&all, limit, tasks);
    for (int round = 0; helps && round < PATIENCE && !atomic_load(&all.helped); round++)
        run(&all, limit, tasks);
    CHECK(!atomic_load(&all.missing));
    if (helps) CHECK(atomic_load(&all.helped) > 0);
    if (threads < 2 || limit < 2) CHECK(!atomic_load(&all.helped));
    dn_threads_stop(all.team);
}

int main(void) {
    const dn_crew nobody = {NULL, 0, NULL};
    CHECK(!dn_crew_has_idle(NULL) && !dn_crew_has_idle(&nobody));
    test_share(1, 64, 3);
    test_share(THREADS, 1, 3);
    test_share(THREADS, 64, 2);
    test_share(THREADS, 3, 2);
    test_share(THREADS, 64, TASKS);
    return check_done("test_threads");
}
