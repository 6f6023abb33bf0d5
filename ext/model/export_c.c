/* export_c.c - export_c([model [, name]]): a model as one file of C99, for devices
 * without SQLite.
 *
 *     SELECT export_c('digits');               -- digits_predict(), digits_labels[]
 *     SELECT export_c('digits@2', 'second');   -- second_predict(), …
 *
 * What the file has in it and how it is called stands in its head. */
#include <string.h>
#include "../base/argument.h"
#include "../base/direct.h"
#include "cache.h"
#include "stored_bytes.h"

#define MOST_NAME 63 /* characters of a name that compilers tell apart */

static int is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* is_c_name - whether a text is a name in C. */
static int is_c_name(const char *text) {
    const size_t size = strlen(text);
    int good = is_letter(text[0]) && size <= MOST_NAME;
    for (size_t i = 0; good && i < size; i++)
        good = is_letter(text[i]) || is_digit(text[i]);
    return good;
}

static int c_name_given(char out[MOST_NAME + 1], sqlite3_value *value, char *error) {
    const char *text = NULL;
    int rc = SQLITE_OK;
    if (sqlite3_value_type(value) == SQLITE_TEXT)
        rc = ext_text(&text, value, "name", error);
    if (rc == SQLITE_OK && (!text || !is_c_name(text)))
        rc = ext_argument_error(error, "name", value,
                                "a name in C, like 'digits': letters, digits and _, 63 "
                                "at most");
    if (rc == SQLITE_OK) memcpy(out, text, strlen(text) + 1);
    return rc;
}

/* c_name_made - the model's own, 'café@3', as a name in C: caf__. */
static void c_name_made(char out[MOST_NAME + 1], const char *model) {
    size_t n = 0;
    if (is_digit(model[0]) || model[0] == '@') out[n++] = '_';
    for (; *model && *model != '@' && n < MOST_NAME; model++)
        out[n++] = is_letter(*model) || is_digit(*model) ? *model : '_';
    out[n] = '\0';
}

/* export - the text, of the heap of the connection's host. */
static int export(char **text, size_t *size, ext_context *models, sqlite3 *db,
                  const ext_start_model *model, const char *name, char *error) {
    const dn_c_words words = {name, model->exact, DIGITNET_VERSION};
    ext_watch watch = {.db = db};
    const dn_host host = ext_context_host(models, &watch);
    const int status = dn_c_export(text, size, model->bytes, model->size, &words, &host,
                                   error, EXT_ERROR_SIZE);
    ext_poll_end(&watch.poll);
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

static void export_c(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    sqlite3 *db = sqlite3_context_db_handle(context);
    const int is_named = argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL;
    char error[EXT_ERROR_SIZE] = "", name[MOST_NAME + 1] = "", *text = NULL;
    ext_start_model model = {0};
    ext_model *parsed;
    size_t size = 0;
    if (ext_direct_only(context, "export_c") != SQLITE_OK) return;
    int rc = ext_model_find(&parsed, models, context, argc ? argv[0] : NULL, error);
    if (rc == SQLITE_OK && is_named) rc = c_name_given(name, argv[1], error);
    if (rc == SQLITE_OK)
        rc = ext_export_bytes(&model, models, db, argc ? argv[0] : NULL, error);
    if (rc == SQLITE_OK && !is_named) c_name_made(name, model.exact);
    if (rc == SQLITE_OK) rc = export(&text, &size, models, db, &model, name, error);
    if (rc == SQLITE_OK)
        sqlite3_result_text64(context, text, size, sqlite3_free, SQLITE_UTF8);
    else
        ext_result_code(context, "export_c", rc, error);
    ext_start_clear(&model);
}

int ext_register_export_c(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 0; n <= 2 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "export_c", n, SQLITE_UTF8 | SQLITE_DIRECTONLY, ext_context_ref(context),
            export_c, NULL, NULL, ext_context_unref);
    return rc;
}
