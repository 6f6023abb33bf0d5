/* error.c - from a status and a sentence to an SQLite error: see error.h. */
#include "../../core/dn.h"
#include "../../loaders/stop.h"
#include "error.h"

/* character_end - behind the UTF-8 character at p; *is_whole: 0 for what is none, or a
 * part. */
static const char *character_end(const char *p, int *is_whole) {
    const unsigned char c = (unsigned char)*p;
    const int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
    /* Neither longer than need be, nor a surrogate, nor past U+10FFFF. */
    unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    *is_whole = c < 0x80;
    if (c < 0xC2 || c > 0xF4) return p + 1;
    for (int i = 0; i < more; i++, low = 0x80, high = 0xBF)
        if ((unsigned char)p[1 + i] < low || (unsigned char)p[1 + i] > high)
            return p + 1 + i;
    *is_whole = 1;
    return p + 1 + more;
}

char *ext_text_mend(char *text) {
    char *to = text;
    if (!text) return NULL;
    for (const char *p = text, *end; *p; p = end) {
        int is_whole;
        end = character_end(p, &is_whole);
        if (is_whole)
            while (p < end) *to++ = *p++;
        else if (*end)
            *to++ = '?';
    }
    *to = 0;
    return text;
}

int ext_text_is_whole(const char *text, size_t size) {
    int is_whole = 1;
    for (const char *p = text; is_whole && p < text + size;)
        p = character_end(p, &is_whole);
    return is_whole;
}

void ext_result_code(sqlite3_context *context, const char *function, int rc,
                     const char *error) {
    char *text = rc == SQLITE_NOMEM ? NULL : sqlite3_mprintf("%s: %s", function, error);
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    ext_text_mend(text);
    sqlite3_result_error(context, text, -1);
    sqlite3_free(text);
    if (rc != SQLITE_ERROR) sqlite3_result_error_code(context, rc);
}

void ext_result_error(sqlite3_context *context, const char *function, const char *error) {
    ext_result_code(context, function, SQLITE_ERROR, error);
}

int ext_sqlite_error(sqlite3 *db, int rc, char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s",
                     rc == SQLITE_NOMEM ? "out of memory" : sqlite3_errmsg(db));
    return rc;
}

int ext_no_memory(char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "out of memory");
    return SQLITE_NOMEM;
}

const char *ext_type_name(int type) {
    switch (type) {
    case SQLITE_INTEGER: return "INTEGER";
    case SQLITE_FLOAT: return "REAL";
    case SQLITE_TEXT: return "TEXT";
    case SQLITE_BLOB: return "BLOB";
    default: return "NULL";
    }
}

static int interrupted(char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "interrupted");
    return SQLITE_INTERRUPT;
}

int ext_from_loader(int status, char *error) {
    switch (status) {
    case 0: return SQLITE_OK;
    case LOAD_NOMEM: return ext_no_memory(error);
    case LOAD_STOPPED: return interrupted(error);
    default: return SQLITE_ERROR;
    }
}

int ext_from_core(int status, char *error) {
    if (status == DN_NOMEM) return ext_no_memory(error);
    return status == DN_STOPPED ? interrupted(error) : SQLITE_ERROR;
}
