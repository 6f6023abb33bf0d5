/* digitnet_options.c - digitnet_options: the options of train_model, as a table.
 *
 *     SELECT * FROM digitnet_options WHERE name = 'epochs';
 *     -- name    type     least  most    preset  value  meaning
 *     -- epochs  INTEGER  1      100000  NULL    5      how often the training goes …
 *     -- epochs  INTEGER  1      100000  cnn     12     how often the training goes …
 *
 * A row an option, whose preset is NULL: its default for any layers. Then a row for each
 * preset that has another default. least and most are NULL where the option is no number
 * or has no range; value is NULL where the images, the machine or nothing gives the
 * default. */
#include "../base/tvf.h"
#include "option_table.h"

enum { NAME, TYPE, LEAST, MOST, PRESET, VALUE, MEANING };

typedef struct options_cursor {
    sqlite3_vtab_cursor base;
    int option, preset; /* where it stands */
    sqlite3_int64 number;
} options_cursor;

static int options_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)aux, (void)argc, (void)argv, (void)error;
    return ext_tvf_connect(out, sizeof(sqlite3_vtab), db,
                           "CREATE TABLE digitnet_options(name TEXT, type TEXT, least, "
                           "most, preset TEXT, value, meaning TEXT)",
                           SQLITE_VTAB_INNOCUOUS);
}

static int options_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    return ext_tvf_best_index(table, info, 0, 0, 100, 50);
}

static int options_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(options_cursor));
}

static int options_close(sqlite3_vtab_cursor *base) {
    sqlite3_free(base);
    return SQLITE_OK;
}

/* is_other - whether a preset has a default of its own. */
static int is_other(const dn_option *option, int preset) {
    return option->type == DN_NOTATION || option->value[preset] != option->value[0];
}

static int options_next(sqlite3_vtab_cursor *base) {
    options_cursor *c = (options_cursor *)base;
    const dn_option *option = ext_option_at(c->option);
    c->number++;
    do {
        c->preset++;
    } while (c->preset < DN_PRESETS && !is_other(option, c->preset));
    if (c->preset == DN_PRESETS) {
        c->option++;
        c->preset = 0;
    }
    return SQLITE_OK;
}

static int options_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    (void)idx_num, (void)idx_str, (void)argc, (void)argv;
    options_cursor *c = (options_cursor *)base;
    c->option = c->preset = 0;
    c->number = 1;
    return SQLITE_OK;
}

static int options_eof(sqlite3_vtab_cursor *base) {
    return !ext_option_at(((options_cursor *)base)->option);
}

static void result_range(sqlite3_context *context, const dn_option *option, double end) {
    if (option->type == DN_INTEGER)
        sqlite3_result_int(context, (int)end);
    else if (option->type == DN_REAL)
        sqlite3_result_double(context, end);
}

/* result_default - a default that is out of the option's range, or a text that is empty,
 * stands for one that is not known here. */
static int result_default(sqlite3_context *context, const options_cursor *c) {
    const dn_option *option = ext_option_at(c->option);
    const double value = option->value[c->preset];
    if (option->type == DN_NOTATION) {
        const char *layers = c->preset ? dn_preset_layers(c->preset) : EXT_DEFAULT_LAYERS;
        sqlite3_result_text(context, layers, -1, SQLITE_STATIC);
    } else if (option->type == DN_WORD || option->type == DN_INTEGER64 ||
               ((option->type == DN_INTEGER || option->type == DN_REAL) &&
                value >= option->least)) {
        ext_options *o = sqlite3_malloc64(sizeof *o);
        if (!o) return SQLITE_NOMEM;
        ext_option_default(o, c->option, c->preset);
        ext_options_result(context, o, c->option);
        sqlite3_free(o);
    }
    return SQLITE_OK;
}

static int options_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                          int column) {
    const options_cursor *c = (const options_cursor *)base;
    const dn_option *option = ext_option_at(c->option);
    switch (column) {
    case NAME: sqlite3_result_text(context, option->name, -1, SQLITE_STATIC); break;
    case TYPE:
        sqlite3_result_text(context, ext_option_type(option), -1, SQLITE_STATIC);
        break;
    case LEAST: result_range(context, option, option->least); break;
    case MOST: result_range(context, option, option->most); break;
    case PRESET:
        sqlite3_result_text(context, dn_preset_name(c->preset), -1, SQLITE_STATIC);
        break;
    case VALUE: return result_default(context, c);
    case MEANING: sqlite3_result_text(context, option->meaning, -1, SQLITE_STATIC); break;
    }
    return SQLITE_OK;
}

static int options_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    *rowid = ((const options_cursor *)base)->number;
    return SQLITE_OK;
}

static const sqlite3_module options_module = {
    .iVersion = 0,
    .xConnect = options_connect,
    .xBestIndex = options_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = options_open,
    .xClose = options_close,
    .xFilter = options_filter,
    .xNext = options_next,
    .xEof = options_eof,
    .xColumn = options_column,
    .xRowid = options_rowid,
};

int ext_register_options(sqlite3 *db) {
    return sqlite3_create_module_v2(db, "digitnet_options", &options_module, NULL, NULL);
}
