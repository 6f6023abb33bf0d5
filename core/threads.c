/* threads.c - a small team of threads: see threads.h and dn.h.
 *
 * A step of training is a handful of short parallel loops, so the team meets about a
 * thousand times a second. Waiting threads spin for a while before they sleep: waking a
 * sleeper costs more than most loops.
 *
 * A thread that finds no task left looks for pieces of those that are still being done.
 * Who does a task opens its share and closes it when no piece is left; a helper counts
 * itself among the users before it looks whether the share is open. So a share that is
 * closed and has no users is its owner's alone. */
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
    atomic_int undone; /* tasks of this round that are not finished */
    atomic_int idle;   /* threads that have no task, and look for pieces */
    struct share {
        atomic_int open, users;
        atomic_int next; /* piece to take next */
        dn_task run;
        void *context;
        int pieces;
    } shares[DN_MAX_THREADS]; /* each its thread's */
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

/* Pieces of a share, until there are none left; 1 if there was any. */
static int take_pieces(struct share *share, int number) {
    int some = 0;
    for (int piece; (piece = atomic_fetch_add(&share->next, 1)) < share->pieces;) {
        share->run(share->context, piece, number);
        some = 1;
    }
    return some;
}

static int help(struct share *share, int number) {
    int some = 0;
    if (!atomic_load(&share->open)) return 0;
    atomic_fetch_add(&share->users, 1);
    if (atomic_load(&share->open)) some = take_pieces(share, number);
    atomic_fetch_sub(&share->users, 1);
    return some;
}

/* Helps those that have tasks, until all are done or none has asked for help in a while.
 * Each looks around from its own place on, so that not all help the same. */
static void help_others(dn_threads *team, int number) {
    atomic_fetch_add(&team->idle, 1);
    for (int i = 0; i < SPINS && atomic_load(&team->undone) > 0; i++) {
        int some = 0;
        for (int k = 1; k < team->limit; k++)
            some |= help(&team->shares[(number + k) % team->limit], number);
        if (some) i = 0;
        pause_briefly();
    }
    atomic_fetch_sub(&team->idle, 1);
}

static void take_tasks(dn_threads *team, int number) {
    if (number >= team->limit) return;
    for (int task; (task = atomic_fetch_add(&team->next, 1)) < team->tasks;) {
        if (dn_threads_go_on(team, number)) team->run(team->context, task, number);
        atomic_fetch_sub(&team->undone, 1);
    }
    help_others(team, number);
}

int dn_crew_has_idle(const dn_crew *crew) {
    return crew && crew->threads && atomic_load(&crew->threads->idle) > 0;
}

void dn_crew_share(const dn_crew *crew, dn_task run, void *context, int pieces) {
    if (!dn_crew_has_idle(crew)) {
        for (int piece = 0; piece < pieces; piece++) run(context, piece, crew->thread);
        return;
    }
    struct share *share = &crew->threads->shares[crew->thread];
    share->run = run;
    share->context = context;
    share->pieces = pieces;
    atomic_store(&share->next, 0);
    atomic_store(&share->open, 1);
    take_pieces(share, crew->thread);
    atomic_store(&share->open, 0);
    for (int i = 0; atomic_load(&share->users) > 0; i++)
        if (i < SPINS)
            pause_briefly();
        else
            sched_yield(); /* a helper is not running */
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
    team->limit = limit < team->count ? limit : team->count;
    atomic_store(&team->undone, tasks);
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
