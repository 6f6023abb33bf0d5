/* run_network.c - the network of a training run, and its teachers. It starts from
 * new weights, from another model's, or where the run that is resumed stopped. */
#include <string.h>
#include "../base/error.h"
#include "../base/hash.h"
#include "../base/option_object.h"
#include "run_parts.h"

/* start_take - the model to begin from, looked up if the caller has not yet, as the
 * options are to name it. */
static int start_take(ext_training *run, ext_context *models, char *error) {
    ext_options *o = &run->options;
    if (!o->start[0] || o->resume) return SQLITE_OK;
    if (!run->start.bytes) {
        const int rc = ext_start_find(&run->start, models, run->db, o->start, error);
        if (rc != SQLITE_OK) return rc;
    }
    if (strlen(run->start.exact) >= sizeof o->start) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "start: the model's name is too long");
        return SQLITE_ERROR;
    }
    sqlite3_snprintf(sizeof o->start, o->start, "%s", run->start.exact);
    o->started = run->start.hash;
    return SQLITE_OK;
}

/* trainer_start - begins from another model's weights. A run that goes on has all numbers
 * from its state but mean and deviation of the pixels: its own stored weights have the
 * same. */
static int trainer_start(ext_training *run, const ext_store_resumed *old, char *error) {
    const int resume = run->options.resume;
    char reason[EXT_ERROR_SIZE] = "its weights are not there";
    const void *bytes = resume ? old->weights : run->start.bytes;
    const size_t size = resume ? old->weights_size : run->start.size;
    const int status =
        bytes ? dn_trainer_start(run->trainer, bytes, size, reason, sizeof reason)
              : DN_ERROR;
    if (status == DN_ERROR && resume)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "model %.100s@%lld cannot be resumed: %s",
                         run->name, old->version, reason);
    else if (status == DN_ERROR)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "start '%.100s': %s", run->options.start,
                         reason);
    return status;
}

static const char *preset_name(int k) { return dn_preset_name(k + 1); }

/* layers_hint - adds which preset is meant to an error in the layers. */
static void layers_hint(const char *layers, char *error) {
    const size_t end = strlen(error);
    char *word = sqlite3_mprintf("%s", layers);
    for (char *c = word; c && *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    const char *meant = word ? ext_option_near(word, preset_name) : NULL;
    if (meant && strncmp(error, "layers: ", 8) == 0)
        sqlite3_snprintf((int)(EXT_ERROR_SIZE - end), error + end, "; did you mean '%s'?",
                         meant);
    sqlite3_free(word);
}

/* trainer_make - the network; for a run that goes on, where it stopped. */
static int trainer_make(ext_training *run, const ext_store_resumed *old, char *error) {
    ext_options *o = &run->options;
    const ext_dataset *data = run->data;
    int status = dn_trainer_new(&run->trainer, &o->net, data->labels, data->classes,
                                data->n_train, data->mean, data->std, &run->host, error,
                                EXT_ERROR_SIZE);
    if (status == DN_ERROR) layers_hint(o->net.layers, error);
    if (status == DN_OK) {
        const char *notation = dn_trainer_notation(run->trainer);
        if ((o->resume || run->repeats) && strcmp(notation, old->layers) != 0) {
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "layers is '%.150s', but model %.50s@%lld was made with '%.150s'%s",
                notation, run->name, old->version, old->layers,
                run->repeats ? "" : "; leave it out to resume");
            return SQLITE_ERROR;
        }
        sqlite3_snprintf(sizeof o->net.layers, o->net.layers, "%s", notation);
        if (o->start[0]) status = trainer_start(run, old, error);
        if (o->resume && status == DN_OK)
            status = dn_trainer_resume(run->trainer, old->state, old->state_size, error,
                                       EXT_ERROR_SIZE);
    }
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

/* teachers_find - looks up those that are named. *hash is of the weights of all of them,
 * and exact names them with their versions; it is as large as options.teacher. */
static int teachers_find(ext_training *run, ext_context *models, uint64_t *hash,
                         char *exact, char *error) {
    const int room = (int)sizeof run->options.teacher;
    char reason[EXT_ERROR_SIZE] = "";
    int end = 0;
    *exact = 0;
    *hash = run->options.teacher[0] ? HASH_START : 0;
    const char *p = run->options.teacher;
    while (*p || (p > run->options.teacher && p[-1] == ',')) {
        const size_t size = strcspn(p, ",");
        ext_model *teacher;
        sqlite3_int64 version;
        if (run->n_teachers == DN_MAX_TEACHERS) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher names more than %d models",
                             DN_MAX_TEACHERS);
            return SQLITE_ERROR;
        }
        int rc = ext_model_named(&teacher, &version, models, p, (int)size, reason);
        if (rc != SQLITE_OK) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher: %s", reason);
            return rc;
        }
        run->teachers[run->n_teachers++] = ext_model_ref(teacher);
        *hash = hash_word(*hash, teacher->hash);
        sqlite3_snprintf(room - end, exact + end, "%s%.*s", end ? "," : "", (int)size, p);
        end += (int)strlen(exact + end);
        if (version && !memchr(p, '@', size))
            sqlite3_snprintf(room - end, exact + end, "@%lld", version);
        end += (int)strlen(exact + end);
        if (end == room - 1) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher: the names are too long");
            return SQLITE_ERROR;
        }
        p += size;
        if (*p == ',') p++;
    }
    return SQLITE_OK;
}

/* trainer_teach - gives the trainer its teachers. */
static int trainer_teach(ext_training *run, ext_context *models,
                         const ext_store_resumed *old, char *error) {
    const dn_model *teachers[DN_MAX_TEACHERS];
    char reason[EXT_ERROR_SIZE] = "";
    char exact[sizeof run->options.teacher];
    uint64_t hash;
    int rc = teachers_find(run, models, &hash, exact, error);
    if (rc != SQLITE_OK || !run->n_teachers) return rc;
    if ((run->options.resume || run->repeats) && run->options.taught != hash) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "model %.100s@%lld learned from another teacher than '%.100s' "
                         "is now%s",
                         run->name, old->version, run->options.teacher, to_resume(run));
        return SQLITE_ERROR;
    }
    run->options.taught = hash;
    sqlite3_snprintf(sizeof run->options.teacher, run->options.teacher, "%s", exact);
    for (int i = 0; i < run->n_teachers; i++) teachers[i] = run->teachers[i]->model;
    const int status =
        dn_trainer_teach(run->trainer, teachers, run->n_teachers, reason, sizeof reason);
    if (status == DN_OK) return SQLITE_OK;
    if (status == DN_NOMEM) return ext_no_memory(error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher '%.100s': %s", run->options.teacher,
                     reason);
    return SQLITE_ERROR;
}

int ext_run_network(ext_training *run, ext_context *models, const ext_store_resumed *old,
                    char *error) {
    int rc = start_take(run, models, error);
    if (rc == SQLITE_OK) rc = trainer_make(run, old, error);
    if (rc == SQLITE_OK) rc = trainer_teach(run, models, old, error);
    return rc;
}

int ext_start_find(ext_start_model *out, ext_context *models, sqlite3 *db,
                   const char *name, char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    const int rc = ext_start_bytes(out, models, db, name, reason);
    if (rc != SQLITE_OK) sqlite3_snprintf(EXT_ERROR_SIZE, error, "start: %s", reason);
    return rc;
}
