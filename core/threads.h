/* threads.h - how core's own files put threads to work. */
#ifndef DN_THREADS_H
#define DN_THREADS_H

#include "dn.h"

/* No more than this many threads are ever used. */
#define DN_MAX_THREADS 64

/* One piece of work: task 0..tasks-1, done by thread 0..n-1 (0 is the caller). Any
 * thread may run any task, so a result may depend only on the task's number. */
typedef void (*dn_task)(void *context, int task, int thread);

/* dn_threads_count - threads in the team, the caller counted; 1 for NULL. */
int dn_threads_count(const dn_threads *threads);

/* Something else to do for the calling thread, before it takes tasks; NULL for
 * nothing. */
typedef struct dn_aside {
    void (*run)(void *context);
    void *context;
} dn_aside;

/* dn_threads_run - does all tasks, on at most `limit` threads, and returns when the last
 * is done. What tasks wrote is visible after it. */
void dn_threads_run(dn_threads *threads, int limit, dn_task run, void *context,
                    int tasks);
void dn_threads_run_beside(dn_threads *threads, int limit, dn_task run, void *context,
                           int tasks, const dn_aside *aside);

/* Where a task is done, for what is done in its middle. */
typedef struct dn_crew {
    dn_threads *threads;
    int thread;
    float *const *work; /* working memory of each thread, free where it has no task */
} dn_crew;

/* dn_crew_share - in the middle of a task: its pieces 0..pieces-1, of which threads that
 * have no task left do some. They are tasks themselves, but share nothing further, and
 * their work is crew->work[thread]. Returns when the last is done; what they wrote is
 * visible then. */
void dn_crew_share(const dn_crew *crew, dn_task run, void *context, int pieces);

/* dn_crew_has_idle - whether another thread waits for such pieces. 0 for NULL. */
int dn_crew_has_idle(const dn_crew *crew);

/* dn_threads_go_on - in the middle of a long task: whether it is to be finished
 * (dn_threads_watch in dn.h); 1 for NULL. thread is the one that it runs on. */
int dn_threads_go_on(dn_threads *threads, int thread);

/* A thread of a team, as one who watches what it does (dn_watch): dn_member_stops of it
 * is whether it is not to go on. */
typedef struct dn_member {
    dn_threads *threads;
    int thread;
} dn_member;
int dn_member_stops(void *member);

#endif
