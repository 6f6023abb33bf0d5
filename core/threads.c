/* threads.c - a small team of threads: see threads.h and dn.h.
 *
 * A step of training is a handful of short parallel loops, so the team meets about a
 * thousand times a second. Waiting threads spin for a while before they sleep: waking a
 * sleeper costs more than most loops. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include "threads.h"

/* Looks at a flag this often before sleeping: some 50 µs. */
#define SPINS 2000

struct dn_threads {
    int count;     /* threads, the caller counted */
    pid_t process; /* that has them: a child that it forks has not */
    pthread_mutex_t mutex;
    pthread_cond_t start, finish;
    atomic_uint round; /* grows by one a loop; what workers wait for */
    atomic_int next;   /* task to take next */
    atomic_int busy;   /* workers that have not finished this round */
    int stopping;
    int (*watch)(void *); /* asked by the caller's thread; NULL: nobody is */
    void *watcher;
    atomic_int stopped; /* by the one who was asked */
    dn_task run;
    void *context;
    int tasks, limit;
    struct worker {
        dn_threads *team;
        int number;
        pthread_t thread;
    } workers[DN_MAX_THREADS];
};

static int is_here(const dn_threads *team) { return team->process == getpid(); }

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* The caller's thread asks the one who watches. */
int dn_threads_go_on(dn_threads *team, int number) {
    if (!team) return 1;
    if (atomic_load(&team->stopped)) return 0;
    if (number || !team->watch || !team->watch(team->watcher)) return 1;
    atomic_store(&team->stopped, 1);
    return 0;
}

int dn_member_stops(void *context) {
    const dn_member *member = context;
    return !dn_threads_go_on(member->threads, member->thread);
}

static void take_tasks(dn_threads *team, int number) {
    if (number >= team->limit) return;
    for (int task; (task = atomic_fetch_add(&team->next, 1)) < team->tasks;)
        if (dn_threads_go_on(team, number)) team->run(team->context, task, number);
}

/* Waits until round differs from seen, and returns it. */
static unsigned next_round(dn_threads *team, unsigned seen) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&team->round) != seen) return seen + 1;
        pause_briefly();
    }
    pthread_mutex_lock(&team->mutex);
    while (atomic_load(&team->round) == seen)
        pthread_cond_wait(&team->start, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
    return seen + 1;
}

static void *work(void *argument) {
    struct worker *self = argument;
    dn_threads *team = self->team;
    for (unsigned round = 0;;) {
        round = next_round(team, round);
        if (team->stopping) return NULL;
        take_tasks(team, self->number);
        if (atomic_fetch_sub(&team->busy, 1) == 1) {
            pthread_mutex_lock(&team->mutex);
            pthread_cond_signal(&team->finish);
            pthread_mutex_unlock(&team->mutex);
        }
    }
}

/* Lets the workers go on: with the round they wait for, all fields of it are theirs. */
static void begin_round(dn_threads *team) {
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->round, 1);
    pthread_cond_broadcast(&team->start);
    pthread_mutex_unlock(&team->mutex);
}

int dn_threads_count(const dn_threads *team) { return team ? team->count : 1; }

void dn_threads_run(dn_threads *team, int limit, dn_task run, void *context, int tasks) {
    const dn_aside nothing = {NULL, NULL};
    dn_threads_run_beside(team, limit, run, context, tasks, &nothing);
}

void dn_threads_run_beside(dn_threads *team, int limit, dn_task run, void *context,
                           int tasks, const dn_aside *aside) {
    const int alone = !team || limit <= 1 || (tasks <= 1 && !aside->run) ||
                      !is_here(team);
    if (alone) {
        if (aside->run) aside->run(aside->context);
        for (int task = 0; task < tasks; task++)
            if (dn_threads_go_on(team, 0)) run(context, task, 0);
        return;
    }
    team->run = run;
    team->context = context;
    team->tasks = tasks;
    team->limit = limit;
    atomic_store(&team->next, 0);
    atomic_store(&team->busy, team->count - 1);
    begin_round(team);
    if (aside->run) aside->run(aside->context);
    take_tasks(team, 0);
    for (int i = 0; i < SPINS && atomic_load(&team->busy) > 0; i++) pause_briefly();
    pthread_mutex_lock(&team->mutex);
    while (atomic_load(&team->busy) > 0) pthread_cond_wait(&team->finish, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

dn_threads *dn_threads_start(int n) {
    if (n > DN_MAX_THREADS) n = DN_MAX_THREADS;
    dn_threads *team = calloc(1, sizeof *team);
    if (!team) return NULL;
    team->process = getpid();
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->start, NULL);
    pthread_cond_init(&team->finish, NULL);

    /* The host's signals are the host's: they must not arrive in threads of ours. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (team->count = 1; team->count < n; team->count++) {
        struct worker *worker = &team->workers[team->count];
        worker->team = team;
        worker->number = team->count;
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return team;
}

void dn_threads_watch(dn_threads *team, int (*stop)(void *context), void *context) {
    if (!team) return;
    team->watch = stop;
    team->watcher = context;
}

int dn_threads_stopped(const dn_threads *team) {
    return team && atomic_load(&team->stopped);
}

static void end_workers(dn_threads *team) {
    team->stopping = 1;
    begin_round(team);
    for (int i = 1; i < team->count; i++) pthread_join(team->workers[i].thread, NULL);
    pthread_cond_destroy(&team->finish);
    pthread_cond_destroy(&team->start);
    pthread_mutex_destroy(&team->mutex);
}

void dn_threads_stop(dn_threads *team) {
    if (!team) return;
    if (is_here(team)) end_workers(team);
    free(team);
}

int dn_threads_available(void) {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}
