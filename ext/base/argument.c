/* argument.c - an SQL value that should be a number or a text: see argument.h. */
#include <math.h>
#include <string.h>
#include "argument.h"
#include "error.h"

#define LARGEST_EXACT 9007199254740992.0 /* 2^53 */

int ext_argument_error(char *error, const char *name, sqlite3_value *value,
                       const char *expected) {
    const int type = sqlite3_value_type(value);
    const char *quote = type == SQLITE_TEXT ? "'" : "";
    const char *text = type == SQLITE_NULL   ? "NULL"
                       : type == SQLITE_BLOB ? "a BLOB"
                                             : (const char *)sqlite3_value_text(value);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s is %s%!.100s%s; expected %s", name, quote,
                     text ? text : "", quote, expected);
    return SQLITE_ERROR;
}

int ext_text(const char **out, sqlite3_value *value, const char *name, char *error) {
    const char *text = *out = (const char *)sqlite3_value_text(value);
    if (!text) return ext_no_memory(error);
    if (strlen(text) == (size_t)sqlite3_value_bytes(value)) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "%s has a zero byte in it, behind '%!.100s'; expected a text without "
        "one",
        name, text);
    return SQLITE_ERROR;
}

int ext_whole(double number, sqlite3_int64 *out) {
    if (!(fabs(number) <= LARGEST_EXACT)) return 0;
    *out = (sqlite3_int64)number;
    return (double)*out == number;
}

/* type_hint - what an error adds about a value that is no number at all. */
static const char *type_hint(sqlite3_value *value) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_TEXT: return ", not TEXT";
    case SQLITE_BLOB: return " (numpy's numbers arrive as BLOBs: use int(x) or float(x))";
    default: return "";
    }
}

/* integer_error - says why a value is not an integer from low to high. */
static int integer_error(char *error, const char *name, sqlite3_value *value,
                         sqlite3_int64 low, sqlite3_int64 high) {
    char range[80] = "an integer", expected[160];
    const char *rest = type_hint(value);
    if (low == 0 && high == 1)
        sqlite3_snprintf(sizeof range, range, "0 or 1");
    else if (low != INT64_MIN || high != INT64_MAX)
        sqlite3_snprintf(sizeof range, range, "an integer from %lld to %lld", low, high);
    if (sqlite3_value_type(value) == SQLITE_FLOAT && low == INT64_MIN &&
        fabs(sqlite3_value_double(value)) > LARGEST_EXACT)
        rest = " (a REAL holds one exactly only up to 2^53)";
    sqlite3_snprintf(sizeof expected, expected, "%s%s", range, rest);
    return ext_argument_error(error, name, value, expected);
}

int ext_integer64(sqlite3_int64 *out, sqlite3_value *value, const char *name,
                  sqlite3_int64 low, sqlite3_int64 high, char *error) {
    const int type = sqlite3_value_type(value);
    sqlite3_int64 number = 0;
    if (type == SQLITE_NULL) return SQLITE_OK;
    int good = type == SQLITE_INTEGER;
    if (good)
        number = sqlite3_value_int64(value);
    else if (type == SQLITE_FLOAT)
        good = ext_whole(sqlite3_value_double(value), &number);
    if (!good || number < low || number > high)
        return integer_error(error, name, value, low, high);
    *out = number;
    return SQLITE_OK;
}

int ext_integer(int *out, sqlite3_value *value, const char *name, int low, int high,
                char *error) {
    sqlite3_int64 number = *out;
    const int rc = ext_integer64(&number, value, name, low, high, error);
    if (rc == SQLITE_OK) *out = (int)number;
    return rc;
}

int ext_real(double *out, sqlite3_value *value, const char *name, double low, double high,
             int open, char *error) {
    char expected[160];
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL) return SQLITE_OK;
    const double number = sqlite3_value_double(value);
    if ((type == SQLITE_INTEGER || type == SQLITE_FLOAT) && number <= high &&
        (open ? number > low : number >= low)) {
        *out = number;
        return SQLITE_OK;
    }
    sqlite3_snprintf(sizeof expected, expected,
                     open ? "a number above %g, up to %g%s" : "a number from %g to %g%s",
                     low, high, type_hint(value));
    return ext_argument_error(error, name, value, expected);
}
