/* notes.c - see notes.h. */
#include <stdarg.h>
#include <string.h>
#include "error.h"
#include "json.h"
#include "notes.h"

int ext_note(ext_notes *notes, const char *format, ...) {
    va_list args;
    if (notes->n == EXT_MOST_NOTES) return SQLITE_OK;
    va_start(args, format);
    char *text = sqlite3_vmprintf(format, args);
    va_end(args);
    if (!text) return SQLITE_NOMEM;
    ext_text_mend(text);
    notes->texts[notes->n++] = text;
    return SQLITE_OK;
}

void ext_notes_json(const ext_notes *notes, sqlite3_str *out) {
    sqlite3_str_appendchar(out, 1, '[');
    for (int i = 0; i < notes->n; i++) {
        if (i) sqlite3_str_appendchar(out, 1, ',');
        ext_json_string(out, notes->texts[i], strlen(notes->texts[i]));
    }
    sqlite3_str_appendchar(out, 1, ']');
}

void ext_notes_free(ext_notes *notes) {
    for (int i = 0; i < notes->n; i++) sqlite3_free(notes->texts[i]);
    notes->n = 0;
}
