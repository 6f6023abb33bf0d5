/* glue.c - digitnet for WebAssembly: the amalgamation, and what index.js calls beside
 * SQLite's own functions. */
#include "digitnet.c"
/* */
#include "digitnet.h"

/* Called by sqlite3_initialize (SQLITE_EXTRA_INIT): each connection has digitnet. */
int digitnet_wasm_init(const char *unused) {
    (void)unused;
    return digitnet_auto();
}

/* JavaScript passes 32 bits at a time. */
int digitnet_wasm_bind(sqlite3_stmt *statement, int place, uint32_t low, int32_t high) {
    return sqlite3_bind_int64(statement, place, (sqlite3_int64)high * 4294967296 + low);
}

void digitnet_wasm_result(sqlite3_context *context, uint32_t low, int32_t high) {
    sqlite3_result_int64(context, (sqlite3_int64)high * 4294967296 + low);
}
