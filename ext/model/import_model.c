/* import_model.c - models go out as ONNX files and come in:
 *
 *     SELECT writefile('digits.onnx', export_model('digits'));
 *     SELECT import_model('torch', readfile('torch.onnx'));
 *     -- {"model":"torch","version":1,"layers":"8C3","mean":0.0,"std":1.0,"notes":[…]}
 *     SELECT import_model('torch', readfile('torch.onnx'),
 *                         '{"mean": 0.1307, "std": 0.3081, "classes": ["a", "b", …]}');
 *
 * export_model([model]) takes what digit_predict takes for a model and gives a BLOB. What
 * is in it: dn.h, at dn_onnx_export.
 *
 * import_model(name, onnx [, options [, data]]) stores a model as train_model does, as
 * the next version of its name and the active one, in one statement (store.h). The result
 * is JSON, as train_model's: what became of the file, and in notes what may be wrong with
 * it. There is no log, no source and no state of it.
 *
 * Both are for SELECTs at top level alone: base/direct.h.
 *
 * options is a JSON object of what an ONNX file does not say: import_options.h. Where
 * nobody knows the mean and std of its pixels, the result and the row's options say so,
 * and "fit" finds them: import_fit.h. data is
 * the file beside it that holds its tensors: PyTorch since 2.9 writes "x.onnx.data".
 *
 * Which networks can be read: core/onnx/import.c. */
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/direct.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/json.h"
#include "../data/classes.h"
#include "../image/picture.h"
#include "cache.h"
#include "import_fit.h"
#include "import_options.h"
#include "name.h"
#include "own_rows.h"
#include "store.h"
#include "stored_bytes.h"

/* --- in: classes -------------------------------------------------------------------- */

static int too_many(char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "there are more than %d classes; that is the most", DN_MAX_CLASSES);
    return SQLITE_ERROR;
}

/* label_text - one that is a text, which JSON must be able to hold. */
static int label_text(dn_label *label, sqlite3_stmt *row, char *error) {
    label->text = (const char *)sqlite3_column_text(row, 0);
    label->text_size = (size_t)sqlite3_column_bytes(row, 0);
    if (!label->text) return ext_no_memory(error);
    if (ext_text_is_whole(label->text, label->text_size)) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "one of the classes, '%.100s', is no UTF-8 text", label->text);
    return SQLITE_ERROR;
}

/* label_add - the next of the labels. */
static int label_add(ext_class_set *classes, sqlite3_stmt *row, char *error) {
    const int type = sqlite3_column_type(row, 0);
    const char *json = (const char *)sqlite3_column_text(row, 1);
    dn_label label = {NULL, 0, 0};
    sqlite3_int64 whole;
    if (!json) return ext_no_memory(error);
    if (strcmp(json, "array") == 0 || strcmp(json, "object") == 0) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "one of the classes is a JSON %s; expected an INTEGER or TEXT",
                         json);
        return SQLITE_ERROR;
    }
    if (type == SQLITE_INTEGER) {
        label.integer = sqlite3_column_int64(row, 0);
    } else if (type == SQLITE_FLOAT && ext_whole(sqlite3_column_double(row, 0), &whole)) {
        label.integer = whole;
    } else if (type == SQLITE_TEXT) {
        const int rc = label_text(&label, row, error);
        if (rc != SQLITE_OK) return rc;
    } else {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "one of the classes is %s; expected an INTEGER or TEXT",
                         ext_type_name(type));
        return SQLITE_ERROR;
    }
    const int32_t n = classes->n;
    const int32_t class = ext_classes_find(classes, &label);
    if (class == -1) return ext_no_memory(error);
    if (class == -2) return too_many(error);
    if (classes->n > n) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "two of the classes are the same: '%.100s'",
                     (const char *)sqlite3_column_text(row, 0));
    return SQLITE_ERROR;
}

/* labels_read - those of a JSON array, at a path within. */
static int labels_read(ext_class_set *classes, sqlite3 *db, const char *json, size_t size,
                       const char *path, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = ext_import_rows(&s, db, "SELECT value, type FROM json_each(?1, ?2)", json,
                             size, error);
    int took = rc;
    if (took == SQLITE_OK) took = sqlite3_bind_text(s, 2, path, -1, SQLITE_STATIC);
    while (took == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        took = label_add(classes, s, error);
    return ext_import_done(s, db, took, error);
}

/* labels_find - a label for each output: as given, as the file has them, or 0, 1, 2, … */
static int labels_find(ext_class_set *classes, sqlite3 *db, const dn_onnx_info *info,
                       const ext_import_options *o, const char *options, char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    int rc = SQLITE_OK;
    if (info->classes > DN_MAX_CLASSES) return too_many(error);
    if (o->has_classes)
        rc = labels_read(classes, db, options, strlen(options), "$.classes", reason);
    else if (info->labels)
        rc = labels_read(classes, db, info->labels, info->labels_size, "$", reason);
    else
        for (int i = 0; i < info->classes && rc == SQLITE_OK; i++)
            if (ext_classes_find(classes, &(dn_label){NULL, 0, i}) == -1)
                rc = ext_no_memory(reason);
    if (rc == SQLITE_OK && classes->n == info->classes) return rc;
    if (rc == SQLITE_OK) {
        sqlite3_snprintf(EXT_ERROR_SIZE, reason,
                         "there are %d classes for the network's %d outputs", classes->n,
                         info->classes);
        rc = SQLITE_ERROR;
    }
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     o->has_classes
                         ? "%.300s"
                         : "the file's own classes: %.300s; give others in options",
                     reason);
    return rc;
}

/* --- in: the model ------------------------------------------------------------------ */

/* doubt_of - what may be wrong with the pixels of a model; NULL: nothing. Whoever lets
 * fit choose has had it tried. */
static const char *doubt_of(const dn_onnx_info *info, const ext_import_options *o) {
    static const char *const doubts[] = {
        [DN_ONNX_SURE] = NULL,
        [DN_ONNX_UNSAID] =
            "pixels go in as 0..1, as neither the file nor options tell the "
            "normalisation; if answers are wrong, give fit, or mean and std",
        [DN_ONNX_BY_VALUE] =
            "pixels go in as 0..1, and the file scales each value by itself; if its "
            "numbers are for 0..255, give std = 1/255, or fit",
        [DN_ONNX_ALIKE] =
            "with this mean and std all images look nearly alike to the network, as "
            "pixels are 0..1 here, not 0..255; for a network of pixels / 255 leave both "
            "out"};
    return o->fit ? NULL : doubts[info->doubt];
}

/* import_json - what is kept in digitnet_models.options. */
static char *import_json(const dn_onnx_info *info, const ext_import_options *o) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_str_appendall(out, "{\"imported\":\"ONNX\",\"producer\":");
    ext_json_string(out, info->producer, strlen(info->producer));
    sqlite3_str_appendf(out, ",\"opset\":%lld", (sqlite3_int64)info->opset);
    ext_import_json(out, o, info->std);
    if (doubt_of(info, o))
        sqlite3_str_appendf(out, ",\"note\":\"%s\"", doubt_of(info, o));
    sqlite3_str_appendchar(out, 1, '}');
    return ext_text_mend(sqlite3_str_finish(out));
}

/* result_json - what the caller is told of the model. */
static char *result_json(const char *name, sqlite3_int64 version,
                         const dn_onnx_info *info, const ext_import_options *o) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_str_appendall(out, "{\"model\":");
    ext_json_string(out, name, strlen(name));
    sqlite3_str_appendf(out, ",\"version\":%lld,\"layers\":", version);
    ext_json_string(out, info->layers, strlen(info->layers));
    ext_import_json(out, o, info->std);
    const char *doubt = doubt_of(info, o), *quote = doubt ? "\"" : "";
    sqlite3_str_appendf(out, ",\"notes\":[%s%s%s]}", quote, doubt ? doubt : "", quote);
    return ext_text_mend(sqlite3_str_finish(out));
}

/* import_try - asks the network about images of zeros, halves and ones. */
static int import_try(ext_model *model, sqlite3 *db, char *error) {
    static const unsigned char grey[] = {0, 128, 255};
    const dn_shape shape = model->info.shape;
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    unsigned char *pixels = sqlite3_malloc64(n);
    int numbers = 1, rc = SQLITE_OK;
    if (!pixels) return ext_no_memory(error);
    for (size_t i = 0; i < sizeof grey && numbers && rc == SQLITE_OK; i++) {
        memset(pixels, grey[i], n);
        rc = ext_model_run(model, db, &(dn_image){pixels, DN_UINT8}, error);
        for (int k = 0; k < model->info.classes && rc == SQLITE_OK; k++)
            numbers &= isfinite(model->probabilities[k]) != 0;
    }
    sqlite3_free(pixels);
    if (rc != SQLITE_OK || numbers) return rc;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "the network's output for a plain grey image is not a finite number: its weights "
        "are too large; expected those of a training that converged");
    return SQLITE_ERROR;
}

/* import_store - writes the row. bytes are a model's, which is proven by parsing them. */
static int import_store(ext_context *models, ext_watch *watch, const char *name,
                        const dn_onnx_info *info, const ext_class_set *classes,
                        const ext_import_options *o, const void *bytes, size_t size,
                        sqlite3_int64 *version, char *error) {
    ext_model *parsed = NULL;
    char *shape = ext_shape_text(info->shape), *json = import_json(info, o);
    char *labels = ext_json_labels(classes->labels, classes->n);
    ext_store_model row = {.name = name,
                           .layers = info->layers,
                           .shape = shape,
                           .classes = labels,
                           .options = json,
                           EXT_STORE_UNMEASURED,
                           .precision = "float32",
                           .picture = ext_picture_word(o->picture),
                           .weights = bytes,
                           .weights_size = size,
                           .inactive = !o->activate};
    int rc = shape && json && labels ? SQLITE_OK : ext_no_memory(error);
    if (rc == SQLITE_OK && o->picture == EXT_PICTURE_DIGIT && info->shape.c != 1) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "options: picture is 'digit', which has 1 channel; the network "
                         "takes %d",
                         info->shape.c);
        rc = SQLITE_ERROR;
    }
    if (rc == SQLITE_OK) {
        const int status =
            ext_model_parse(&parsed, models, bytes, (sqlite3_int64)size, error);
        if (status != DN_OK) rc = ext_from_core(status, error);
    }
    if (rc == SQLITE_OK) rc = import_try(parsed, watch->db, error);
    if (rc == SQLITE_OK) row.parameters = parsed->info.parameters;
    if (rc == SQLITE_OK && (rc = ext_poll_now(&watch->poll, watch->db)) != SQLITE_OK)
        ext_sqlite_error(watch->db, rc, error);
    if (rc == SQLITE_OK)
        rc = ext_store_checkpoint(watch->db, &watch->poll, &row, NULL, 0, error);
    *version = row.version;
    ext_model_unref(parsed);
    sqlite3_free(shape);
    sqlite3_free(json);
    sqlite3_free(labels);
    return rc;
}

/* picture_settle - what a PNG becomes, where nobody said it: by the labels. It returns
 * what model bytes are to say of it: nothing, where their silence says the same. */
static int picture_settle(ext_import_options *o, const dn_onnx_info *info,
                          const ext_class_set *classes) {
    const int given = o->picture;
    if (!given) o->picture = ext_picture_usual(info->shape, classes->labels, classes->n);
    return given || o->picture != ext_picture_of(EXT_PICTURE_UNSAID, info->shape)
               ? o->picture
               : EXT_PICTURE_UNSAID;
}

/* What the caller gave. */
typedef struct import_call {
    char *name;
    sqlite3_value *onnx, *data; /* data may be NULL */
    const char *options;        /* NULL: none */
} import_call;

/* read_file - the file's network, as the options have it. */
static int read_file(dn_onnx **net, dn_onnx_info *info, ext_context *models,
                     ext_watch *watch, const import_call *call,
                     const ext_import_options *o, char *error) {
    const void *file = sqlite3_value_blob(call->onnx);
    const dn_host host = ext_context_host(models, watch);
    dn_onnx_free(*net);
    const int status = dn_onnx_read(net, file, (size_t)sqlite3_value_bytes(call->onnx),
                                    &o->given, &host, error, EXT_ERROR_SIZE);
    if (status != DN_OK) return ext_from_core(status, error);
    dn_onnx_get_info(*net, info);
    return SQLITE_OK;
}

/* import_run - all of it but the arguments. result: JSON, sqlite3_malloc'd. */
static int import_run(ext_context *models, ext_watch *watch, const import_call *call,
                      char **result, char *error) {
    ext_import_options o;
    ext_class_set classes = {0};
    sqlite3 *db = watch->db;
    dn_onnx *net = NULL;
    dn_onnx_info info;
    void *bytes = NULL;
    size_t size = 0;
    sqlite3_int64 version = 0;
    int picture = EXT_PICTURE_UNSAID;
    int rc = ext_import_options_read(&o, db, call->options, error);
    if (rc == SQLITE_OK && call->data) {
        o.given.data = sqlite3_value_blob(call->data);
        o.given.data_size = (size_t)sqlite3_value_bytes(call->data);
    }
    if (rc == SQLITE_OK) rc = read_file(&net, &info, models, watch, call, &o, error);
    if (rc == SQLITE_OK) rc = labels_find(&classes, db, &info, &o, call->options, error);
    if (rc == SQLITE_OK) picture = picture_settle(&o, &info, &classes);
    if (rc == SQLITE_OK && o.fit) {
        rc = ext_import_fit(&o, models, watch, call->onnx, &classes, error);
        if (rc == SQLITE_OK) rc = read_file(&net, &info, models, watch, call, &o, error);
    }
    if (rc == SQLITE_OK) {
        dn_onnx_picture(net, picture);
        const dn_watch stop = {ext_watch_stop, watch};
        const int status = dn_onnx_model(net, classes.labels, &stop, &bytes, &size);
        if (status != DN_OK) rc = ext_from_core(status, error);
    }
    if (rc == SQLITE_OK)
        rc = import_store(models, watch, call->name, &info, &classes, &o, bytes, size,
                          &version, error);
    if (rc == SQLITE_OK && !(*result = result_json(call->name, version, &info, &o)))
        rc = ext_no_memory(error);
    sqlite3_free(bytes);
    ext_classes_free(&classes);
    ext_import_options_free(&o);
    dn_onnx_free(net);
    return rc;
}

/* need_blob - an argument that holds a file. */
static int need_blob(sqlite3_value *value, const char *name, const char *what,
                     char *error) {
    if (sqlite3_value_type(value) == SQLITE_BLOB) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s is %s; expected a BLOB, %s%s", name,
                     ext_type_name(sqlite3_value_type(value)), what,
                     sqlite3_value_type(value) == SQLITE_NULL
                         ? ": readfile(path) gives NULL where it cannot read the file"
                         : "");
    return SQLITE_ERROR;
}

static void import_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    char error[EXT_ERROR_SIZE] = "";
    ext_watch watch = {.db = sqlite3_context_db_handle(context)};
    import_call call = {.onnx = argv[1]};
    char *result = NULL;
    if (ext_direct_only(context, "import_model") != SQLITE_OK) return;
    int rc = ext_model_request_new(&call.name, watch.db, argv[0], error);
    if (rc == SQLITE_OK) rc = need_blob(argv[1], "onnx", "an ONNX file", error);
    if (rc == SQLITE_OK && argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL) {
        rc = ext_text(&call.options, argv[2], "options", error);
    }
    if (rc == SQLITE_OK && argc > 3 && sqlite3_value_type(argv[3]) != SQLITE_NULL) {
        call.data = argv[3];
        rc =
            need_blob(argv[3], "data", "the file of tensors beside the ONNX file", error);
    }
    if (rc == SQLITE_OK)
        rc = ext_own_rows(watch.db, "main", "import_model", context, error);
    if (rc == SQLITE_OK)
        rc = import_run(sqlite3_user_data(context), &watch, &call, &result, error);
    ext_poll_end(&watch.poll);
    if (rc == SQLITE_OK)
        sqlite3_result_text(context, result, -1, sqlite3_free);
    else
        ext_result_code(context, "import_model", rc, error);
    sqlite3_free(call.name);
}

int ext_register_import_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 2; n <= 4 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "import_model", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), import_model, NULL, NULL, ext_context_unref);
    return rc;
}
