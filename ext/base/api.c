/* api.c - the host's table of routines, through which a loaded library calls SQLite. */
#include <pthread.h>
#include "ext.h"
#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT1
#endif

int ext_api_take(const sqlite3_api_routines *api, char **error) {
#ifdef SQLITE_CORE
    (void)api, (void)error;
    return SQLITE_OK;
#else
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (!sqlite3_api) SQLITE_EXTENSION_INIT2(api)
    const int is_ours = sqlite3_api == api;
    pthread_mutex_unlock(&lock);
    if (is_ours) return SQLITE_OK;
    if (error)
        *error =
            api->mprintf("digitnet is loaded in this process by another SQLite library "
                         "(%s) already, and serves one; load a copy of the file here, "
                         "or let both use the same SQLite",
                         sqlite3_libversion());
    return SQLITE_ERROR;
#endif
}
