/* digit_read.c - the number in a picture:
 *
 *     SELECT digit_read(png) FROM meters;                              -- 4711
 *     SELECT digit_read(readfile('cheque.png'), 'digits@2');
 *     SELECT path FROM scans WHERE digit_read_confidence(png) < 0.9;
 *
 * digit_read(png [, model]) gives TEXT: the labels of a line's digits, a space where the
 * gap is wider than a digit, a newline between lines. digit_read_confidence(png
 * [, model]): that of its least sure digit. Both are NULL where no digit is found, and
 * for a NULL. Which ink is left out, and how touching digits are parted: number.h.
 *
 * As with digit_predict, the model may change: neither deterministic nor innocuous. */
#include "number.h"

/* read_label - adds a label as it is written. */
static void read_label(sqlite3_str *out, const dn_label *label) {
    if (label->text)
        sqlite3_str_append(out, label->text, (int)label->text_size);
    else
        sqlite3_str_appendf(out, "%lld", (sqlite3_int64)label->integer);
}

static void result_number(sqlite3_context *context, const ext_number *number,
                          const ext_model *model) {
    sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
    for (int i = 0; i < number->n; i++) {
        const ext_digit *digit = &number->digits[i];
        if (i && digit->place == 1)
            sqlite3_str_appendchar(out, 1, '\n');
        else if (digit->after_space)
            sqlite3_str_appendchar(out, 1, ' ');
        read_label(out, &model->info.labels[digit->class]);
    }
    const int size = sqlite3_str_length(out);
    char *text = sqlite3_str_finish(out);
    if (text)
        sqlite3_result_text(context, text, size, sqlite3_free);
    else
        sqlite3_result_error_nomem(context);
}

static void result_least(sqlite3_context *context, const ext_number *number) {
    double least = 1.0;
    for (int i = 0; i < number->n; i++)
        if ((double)number->digits[i].confidence < least)
            least = (double)number->digits[i].confidence;
    sqlite3_result_double(context, least);
}

/* number_function - both: the number itself, or how sure it is. */
static void number_function(sqlite3_context *context, int argc, sqlite3_value **argv,
                            const char *name, int wants_confidence) {
    ext_context *models = sqlite3_user_data(context);
    sqlite3_value *model_name = argc > 1 ? argv[1] : NULL;
    char error[EXT_ERROR_SIZE] = "";
    ext_model *model;
    ext_number number = {0};
    int rc = ext_model_find(&model, models, context, model_name, error);
    if (rc == SQLITE_OK && sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    if (rc == SQLITE_OK)
        rc = ext_number_read(&number, models, model, argv[0], model_name, error);
    if (rc != SQLITE_OK)
        ext_result_code(context, name, rc, error);
    else if (number.n && wants_confidence)
        result_least(context, &number);
    else if (number.n)
        result_number(context, &number, model);
    ext_number_free(&number);
}

static void read_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    number_function(context, argc, argv, "digit_read", 0);
}

static void confidence_function(sqlite3_context *context, int argc,
                                sqlite3_value **argv) {
    number_function(context, argc, argv, "digit_read_confidence", 1);
}

int ext_register_digit_read(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 2 && rc == SQLITE_OK; n++) {
        rc = sqlite3_create_function_v2(db, "digit_read", n, SQLITE_UTF8,
                                        ext_context_ref(context), read_function, NULL,
                                        NULL, ext_context_unref);
        if (rc == SQLITE_OK)
            rc = sqlite3_create_function_v2(db, "digit_read_confidence", n, SQLITE_UTF8,
                                            ext_context_ref(context), confidence_function,
                                            NULL, NULL, ext_context_unref);
    }
    return rc;
}
