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

/* is_space - size if so many bytes are one white space: of ASCII, or one of Unicode that
 * looks like it (no-break, thin, zero-width …). space_first, space_last - of the one that
 * a text begins or ends with; 0: none. */
static size_t is_space(const char *c, size_t size) {
    static const char *const others[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
        "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87",
        "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\x8B", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF"};
    if (size == 1) return *c == ' ' || (*c >= '\t' && *c <= '\r');
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strlen(others[i]) == size && memcmp(others[i], c, size) == 0) return size;
    return 0;
}
static size_t space_first(const char *text, size_t size) {
    size_t n = 0;
    for (size_t k = 1; k <= 3 && k <= size && !n; k++) n = is_space(text, k);
    return n;
}
static size_t space_last(const char *text, size_t size) {
    size_t n = 0;
    for (size_t k = 1; k <= 3 && k <= size && !n; k++) n = is_space(text + size - k, k);
    return n;
}

/* trimmed - a text without the white space around it. */
static char *trimmed(const char *text, size_t size) {
    size_t n;
    while ((n = space_last(text, size))) size -= n;
    while ((n = space_first(text, size))) {
        text += n;
        size -= n;
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

/* bare - takes zeros from the front of what is all digits. */
static void bare(char *text) {
    char *digits = text + (*text == '-');
    if (!*digits || digits[strspn(digits, "0123456789")]) return;
    size_t zeros = strspn(digits, "0");
    if (!digits[zeros]) zeros--;
    memmove(digits, digits + zeros, strlen(digits + zeros) + 1);
}

/* read_label - as a reader takes it; as_number: who takes '07' for 7. */
static char *read_label(const dn_label *label, int as_number) {
    if (!label->text) return sqlite3_mprintf("%lld", (sqlite3_int64)label->integer);
    char *text = trimmed(label->text, label->text_size);
    if (text && as_number && *text == '+') memmove(text, text + 1, strlen(text));
    if (text) whole(text);
    if (text && as_number) bare(text);
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

static void readings_free(reading *all, int n) {
    for (int i = 0; all && i < n; i++) sqlite3_free(all[i].text);
    sqlite3_free(all);
}

/* readings_sort - how n labels are read, in order; NULL: out of memory. */
static reading *readings_sort(const dn_label *labels, int n, int as_number) {
    reading *all = sqlite3_malloc64((sqlite3_uint64)n * sizeof *all + 1);
    for (int i = 0; all && i < n; i++) {
        all[i].class = i;
        all[i].text = read_label(&labels[i], as_number);
        if (all[i].text) continue;
        readings_free(all, i);
        return NULL;
    }
    if (all) qsort(all, (size_t)n, sizeof *all, compare);
    return all;
}

int ext_alike_find(const ext_class_set *classes, char *error) {
    const int n = classes->n;
    reading *all = readings_sort(classes->labels, n, 0);
    int rc = all ? SQLITE_OK : ext_no_memory(error);
    for (int i = 1; i < n && rc == SQLITE_OK; i++)
        if (strcmp(all[i - 1].text, all[i].text) == 0)
            rc = fail(&classes->labels[all[i - 1].class], &classes->labels[all[i].class],
                      error);
    readings_free(all, n);
    for (int i = 0; i < n && rc == SQLITE_OK; i++) {
        const dn_label *label = &classes->labels[i];
        if (!label->text || ext_text_is_whole(label->text, label->text_size)) continue;
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "the label '%.100s' is no UTF-8 text; make it one where it is "
                         "written, or set distinct_labels = 1",
                         label->text);
        rc = SQLITE_ERROR;
    }
    return rc;
}

/* pair_note - of two that are one number. */
static int pair_note(ext_notes *notes, const dn_label *a, const dn_label *b) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    shown(out, a);
    sqlite3_str_appendall(out, " and ");
    shown(out, b);
    char *both = sqlite3_str_finish(out);
    const int rc = both ? ext_note(notes,
                                   "labels %s are two classes, and may mean one number; "
                                   "CAST(label AS INTEGER) makes them one",
                                   both)
                        : SQLITE_NOMEM;
    sqlite3_free(both);
    return rc;
}

/* is_missing - whether a label is what other tools write for a missing value. */
static int is_missing(const dn_label *label) {
    static const char *const words[] = {"", "nan", "null", "none", "n/a"};
    for (size_t i = 0; label->text && i < sizeof words / sizeof *words; i++)
        if (label->text_size == strlen(words[i]) &&
            sqlite3_strnicmp(label->text, words[i], (int)label->text_size) == 0)
            return 1;
    return 0;
}

int ext_alike_notes(const dn_label *labels, int n, ext_notes *notes) {
    reading *all = readings_sort(labels, n, 1);
    int rc = all ? SQLITE_OK : SQLITE_NOMEM;
    for (int i = 1; i < n && rc == SQLITE_OK; i++)
        if (strcmp(all[i - 1].text, all[i].text) == 0)
            rc = pair_note(notes, &labels[all[i - 1].class], &labels[all[i].class]);
    readings_free(all, n);
    for (int i = 0; i < n && rc == SQLITE_OK; i++)
        if (is_missing(&labels[i]))
            rc = ext_note(notes,
                          "the label '%.*s' is a class like any other; NULL leaves a row "
                          "out",
                          (int)labels[i].text_size, labels[i].text);
    return rc;
}
