/* argument.c - see argument.h. */
#include "argument.h"
#include "error.h"

int ext_integer(int *out, sqlite3_value *value, const char *name, int low, int high,
                char *error) {
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL) return SQLITE_OK;
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%s is %s; expected an integer from %d to %d", name,
                         ext_type_name(type), low, high);
        return SQLITE_ERROR;
    }
    const double number = sqlite3_value_double(value);
    if (number >= low && number <= high && (double)(int)number == number) {
        *out = (int)number;
        return SQLITE_OK;
    }
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s is %g; expected an integer from %d to %d",
                     name, number, low, high);
    return SQLITE_ERROR;
}
