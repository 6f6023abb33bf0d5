/* json.c - what of JSON we write: see json.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "error.h"
#include "json.h"

/* has_zero - whether a string in JSON has \u0000 in it, which SQLite cuts it at. */
static int has_zero(const char *json) {
    for (; *json; json++)
        if (*json == '\\' && *++json == 'u' && strncmp(json, "u0000", 5) == 0)
            return 1;
        else if (!*json)
            return 0;
    return 0;
}

/* Not by json_valid, which says no when it is memory that was missing. */
int ext_json_object(sqlite3 *db, const char *json, const char *name, const char *example,
                    char *error) {
    sqlite3_stmt *s = NULL;
    if (!json) return SQLITE_OK;
    if (has_zero(json)) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%s has a zero byte, \\u0000, in it; expected texts without one",
                         name);
        return SQLITE_ERROR;
    }
    int rc = sqlite3_prepare_v2(db, "SELECT json_type(?1)", -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, json, -1, SQLITE_STATIC);
    const int asked = rc == SQLITE_OK;
    if (asked) rc = sqlite3_step(s);
    const char *type = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    if ((asked && rc == SQLITE_ERROR) || (type && strcmp(type, "object") != 0)) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%s is '%!.100s'; expected a JSON object like %s", name, json,
                         example);
        rc = SQLITE_ERROR;
    } else if (type)
        rc = SQLITE_OK;
    else if (rc == SQLITE_DONE) {
        rc = SQLITE_AUTH;
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "an authorizer forbids reading JSON");
    } else
        rc = ext_sqlite_error(db, rc == SQLITE_ROW ? SQLITE_NOMEM : rc, error);
    sqlite3_finalize(s);
    return rc;
}

void ext_json_string(sqlite3_str *out, const char *text, size_t size) {
    sqlite3_str_appendchar(out, 1, '"');
    size_t plain = 0; /* start of what is not yet written */
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        sqlite3_str_append(out, text + plain, (int)(i - plain));
        plain = i + 1;
        if (c < 0x20)
            sqlite3_str_appendf(out, "\\u%04x", c);
        else
            sqlite3_str_appendf(out, "\\%c", c);
    }
    sqlite3_str_append(out, text + plain, (int)(size - plain));
    sqlite3_str_appendchar(out, 1, '"');
}

void ext_json_label(sqlite3_str *out, const dn_label *label, int as_key) {
    if (label->text)
        ext_json_string(out, label->text, label->text_size);
    else
        sqlite3_str_appendf(out, as_key ? "\"%lld\"" : "%lld",
                            (sqlite3_int64)label->integer);
}

char *ext_json_labels(const dn_label *labels, int n) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_str_appendchar(out, 1, '[');
    for (int i = 0; i < n; i++) {
        if (i) sqlite3_str_appendchar(out, 1, ',');
        ext_json_label(out, &labels[i], 0);
    }
    sqlite3_str_appendchar(out, 1, ']');
    return sqlite3_str_finish(out);
}

/* json_print - "%.*g" without the locale's decimal point. What printf writes besides the
 * point is digits, signs and an e. */
static void json_print(char *out, size_t size, int digits, double value) {
    char local[64];
    snprintf(local, sizeof local, "%.*g", digits, value);
    size_t n = 0;
    for (const char *p = local; *p && n + 1 < size; p++) {
        const int known = (*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e';
        if (known)
            out[n++] = *p;
        else if (n && out[n - 1] != '.')
            out[n++] = '.';
    }
    out[n] = 0;
}

void ext_json_float(sqlite3_str *out, float value) {
    char text[64];
    int digits = 6;
    if (!isfinite(value)) {
        sqlite3_str_appendall(out, "null");
        return;
    }
    for (; digits < 9; digits++) { /* 9 are always enough */
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value) break; /* the same locale reads and writes */
    }
    json_print(text, sizeof text, digits, (double)value);
    sqlite3_str_appendall(out, text);
}

void ext_json_real(sqlite3_str *out, double value) {
    char text[64];
    json_print(text, sizeof text, 15, value);
    sqlite3_str_appendall(out, text);
}

double ext_json_round(double value) {
    char text[64];
    snprintf(text, sizeof text, "%.15g", value);
    return strtod(text, NULL);
}
