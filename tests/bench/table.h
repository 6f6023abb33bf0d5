/* table.h - a table in Markdown whose columns line up.
 *
 *     table t = {.align = "lrr"};
 *     table_row(&t, "network | images/s | GFLOP/s");       // the first row is the head
 *     table_row(&t, "%s | %.0f | %.1f", name, rate, flops);
 *     table_print(&t);                                      // and empties it
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#define TABLE_ROWS    64
#define TABLE_COLUMNS 12
#define TABLE_CELL    120

typedef struct table {
    const char *align; /* 'l' or 'r' for each column */
    int rows, columns;
    char cells[TABLE_ROWS][TABLE_COLUMNS][TABLE_CELL];
} table;

void table_row(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_print(table *t);

#endif
