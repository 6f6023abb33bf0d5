/* api.c - the host's table of routines, through which a loaded library calls SQLite. */
#include <pthread.h>
#include "ext.h"
#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT1
#endif

/* ext_api_take - what SQLITE_EXTENSION_INIT2 does, but once: the pointer is the whole
 * process's, and when a connection loads, another thread's may be calling by it. */
void ext_api_take(const sqlite3_api_routines *api) {
#ifdef SQLITE_CORE
    (void)api;
#else
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (sqlite3_api != api) SQLITE_EXTENSION_INIT2(api)
    pthread_mutex_unlock(&lock);
#endif
}
