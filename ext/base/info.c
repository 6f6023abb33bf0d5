/* info.c - what is loaded here: digitnet_version() and digitnet_debug().
 *
 *     SELECT digitnet_version();
 *     0.2.0
 *     SELECT digitnet_debug();
 *     digitnet 0.2.0
 *     compiler: gcc 12.2.0
 *     instruction set: avx512
 *     threads: 2
 *     SQLite: 3.40.1, compiled with the header of 3.40.1
 *     zlib: 1.2.13, compiled with the header of 1.2.13
 *     libpng: 1.6.39, compiled with the header of 1.6.39
 *
 * The second is what to paste into a report of a problem. It names no date: the same
 * sources and compiler give the same bytes. */
#ifndef DIGITNET_OMIT_PNG
#include <png.h>
#include <zlib.h>
#endif
#include "../../core/dn.h"
#include "direct.h"
#include "ext.h"

#if defined(__clang__)
#define COMPILER "clang %d.%d.%d", __clang_major__, __clang_minor__, __clang_patchlevel__
#elif defined(__GNUC__)
#define COMPILER "gcc %d.%d.%d", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__
#else
#define COMPILER "unknown"
#endif

static void info_version(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    sqlite3_result_text(context, DIGITNET_VERSION, -1, SQLITE_STATIC);
}

/* pictures - the libraries for pictures, as lines of the text; for sqlite3_free. */
static char *pictures(void) {
#ifdef DIGITNET_OMIT_PNG
    return sqlite3_mprintf("zlib, libpng: left out");
#else
    return sqlite3_mprintf(
        "zlib: %s, compiled with the header of " ZLIB_VERSION "\n"
        "libpng: %s, compiled with the header of " PNG_LIBPNG_VER_STRING,
        zlibVersion(), png_get_libpng_ver(NULL));
#endif
}

static void info_debug(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    if (ext_direct_only(context, "digitnet_debug") != SQLITE_OK) return;
    char compiler[64];
    sqlite3_snprintf(sizeof compiler, compiler, COMPILER);
    char *libraries = pictures();
    char *text = libraries
                     ? sqlite3_mprintf(
                           "digitnet " DIGITNET_VERSION "\n"
                           "compiler: %s\n"
                           "instruction set: %s\n"
                           "threads: %d\n"
                           "SQLite: %s, compiled with the header of " SQLITE_VERSION "\n"
                           "%s",
                           compiler, dn_isa_name(), dn_threads_available(),
                           sqlite3_libversion(), libraries)
                     : NULL;
    sqlite3_free(libraries);
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_text(context, text, -1, sqlite3_free);
}

int ext_register_info(sqlite3 *db) {
    /* The second tells of the machine: no constant to store, and nothing for a stranger's
     * schema to note down. */
    const int always = SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC;
    const int here = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    int rc = sqlite3_create_function_v2(db, "digitnet_version", 0, always, NULL,
                                        info_version, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(db, "digitnet_debug", 0, here, NULL, info_debug,
                                        NULL, NULL, NULL);
    return rc;
}
