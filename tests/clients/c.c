#include <stdio.h>
#include "digitnet.h"

static int print(void *unused, int n, char **values, char **names) {
    (void)unused, (void)n, (void)names;
    puts(values[0]);
    return 0;
}

int main(void) {
    sqlite3 *db;
    char *error = NULL;
    if (digitnet_auto() || sqlite3_open(":memory:", &db)) return 1;
    sqlite3_exec(db,
                 "SELECT digit_predict(pixels) FROM read_png('tests/drawn')"
                 " WHERE path LIKE '%/109-%'",
                 print, NULL, &error);

    const char *const rest[] = {
        "SELECT label || ' read as ' || digit_predict(pixels) FROM synthetic_digits(4)"
        " WHERE id = 3",
        "CREATE TABLE images AS SELECT * FROM synthetic_digits(100)",
        "SELECT json_extract(train_model('images', 'small',"
        " '{\"layers\": \"mlp\", \"epochs\": 2}'), '$.epochs') || ' epochs'",
        "SELECT digit_predict(x'010203')",
    };
    for (int i = 0; i < 4 && !error; i++) sqlite3_exec(db, rest[i], print, NULL, &error);
    if (error) puts(error);
    sqlite3_free(error);
    return sqlite3_close(db) != SQLITE_OK;
}
