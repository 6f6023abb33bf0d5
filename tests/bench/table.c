/* table.c - see table.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "table.h"

/* table_row - cuts a line at "|", and drops the blanks around. */
void table_row(table *t, const char *format, ...) {
    char line[TABLE_COLUMNS * TABLE_CELL];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (t->rows == TABLE_ROWS) return;
    t->columns = (int)strlen(t->align);
    const char *from = line;
    for (int c = 0; c < t->columns; c++) {
        size_t n = strcspn(from, "|");
        const char *next = from[n] ? from + n + 1 : from + n;
        for (; n && *from == ' '; n--) from++;
        while (n && from[n - 1] == ' ') n--;
        snprintf(t->cells[t->rows][c], TABLE_CELL, "%.*s", (int)n, from);
        from = next;
    }
    t->rows++;
}

/* width - characters of a cell in UTF-8: its bytes but those that continue one. */
static int width(const char *cell) {
    int n = 0;
    for (; *cell; cell++) n += ((unsigned char)*cell & 0xC0) != 0x80;
    return n;
}

static void print_cell(const char *cell, int wide, char align) {
    const int blanks = wide - width(cell);
    if (align == 'r')
        printf(" %*s%s |", blanks, "", cell);
    else
        printf(" %s%*s |", cell, blanks, "");
}

static void print_rule(int wide, char align) {
    putchar(' ');
    for (int i = 0; i < wide - 1; i++) putchar('-');
    printf("%s |", align == 'r' ? ":" : "-");
}

void table_print(table *t) {
    int wide[TABLE_COLUMNS];
    for (int c = 0; c < t->columns; c++) {
        wide[c] = 3;
        for (int r = 0; r < t->rows; r++)
            if (width(t->cells[r][c]) > wide[c]) wide[c] = width(t->cells[r][c]);
    }
    for (int r = 0; r < t->rows; r++) {
        putchar('|');
        for (int c = 0; c < t->columns; c++)
            print_cell(t->cells[r][c], wide[c], t->align[c]);
        printf(r ? "\n" : "\n|");
        for (int c = 0; r == 0 && c < t->columns; c++) print_rule(wide[c], t->align[c]);
        if (r == 0) putchar('\n');
    }
    putchar('\n');
    fflush(stdout);
    t->rows = 0;
}
