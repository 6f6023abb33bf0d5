/* one_core.h - for tests of thousands of runs of milliseconds, in which a second thread
 * would be one to wait for. _GNU_SOURCE is to be defined before any header. */
#ifndef ONE_CORE_H
#define ONE_CORE_H

#include <sched.h>

/* one_core - keeps this process on the core that it is on. */
static void one_core(void) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}

#endif
