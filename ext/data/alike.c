/* alike.c - see alike.h. */
#include <stdlib.h>
#include <string.h>
#include "../base/error.h"
#include "../base/json.h"
#include "alike.h"

typedef struct reading {
    char *text; /* as a reader takes it, sqlite3_malloc'd */
    int class;
} reading;

static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* trimmed - a text without the white space around it. */
static char *trimmed(const char *text, size_t size) {
    while (size && is_space(text[size - 1])) size--;
    while (size && is_space(*text)) {
        text++;
        size--;
    }
    return sqlite3_mprintf("%.*s", (int)size, text);
}

/* whole - ends '7.0' before its point, where all before is a number. */
static void whole(char *text) {
    char *digits = text + (*text == '-'), *point = digits + strspn(digits, "0123456789");
    if (point > digits && *point == '.' && point[1] &&
        point[1 + strspn(point + 1, "0")] == '\0')
        *point = '\0';
}

static char *read_label(const dn_label *label) {
    if (!label->text) return sqlite3_mprintf("%lld", (sqlite3_int64)label->integer);
    char *text = trimmed(label->text, label->text_size);
    if (text) whole(text);
    return text;
}

static int compare(const void *a, const void *b) {
    const reading *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : x->class - y->class;
}

/* shown - appends a label so that its type and its white space are seen. */
static void shown(sqlite3_str *out, const dn_label *label) {
    ext_json_label(out, label, 0);
    sqlite3_str_appendall(out, label->text ? " (TEXT)" : " (INTEGER)");
}

static int fail(const dn_label *a, const dn_label *b, char *error) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    shown(out, a);
    sqlite3_str_appendall(out, " and ");
    shown(out, b);
    char *both = sqlite3_str_finish(out);
    if (!both) return ext_no_memory(error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "labels %!.300s differ in type or white space alone; make them one "
                     "in a view, by CAST and trim(), or set distinct_labels = 1",
                     both);
    sqlite3_free(both);
    return SQLITE_ERROR;
}

int ext_alike_find(const ext_class_set *classes, char *error) {
    const int n = classes->n;
    reading *all = sqlite3_malloc64((sqlite3_uint64)n * sizeof *all + 1);
    int read = 0, rc = all ? SQLITE_OK : ext_no_memory(error);
    for (; rc == SQLITE_OK && read < n; read++) {
        all[read].class = read;
        all[read].text = read_label(&classes->labels[read]);
        if (!all[read].text) {
            rc = ext_no_memory(error);
            break;
        }
    }
    if (rc == SQLITE_OK) qsort(all, (size_t)n, sizeof *all, compare);
    for (int i = 1; i < n && rc == SQLITE_OK; i++)
        if (strcmp(all[i - 1].text, all[i].text) == 0)
            rc = fail(&classes->labels[all[i - 1].class], &classes->labels[all[i].class],
                      error);
    for (int i = 0; i < read; i++) sqlite3_free(all[i].text);
    sqlite3_free(all);
    return rc;
}

int ext_alike_missing(const dn_label *label) {
    static const char *const words[] = {"", "nan", "null", "none", "n/a"};
    for (size_t i = 0; label->text && i < sizeof words / sizeof *words; i++)
        if (label->text_size == strlen(words[i]) &&
            sqlite3_strnicmp(label->text, words[i], (int)label->text_size) == 0)
            return 1;
    return 0;
}
