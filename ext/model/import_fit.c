/* import_fit.c - the mean and std that a network was trained with: see import_fit.h. */
#include "import_fit.h"
#include <string.h>
#include "../base/error.h"
#include "../image/picture.h"
#include "sample.h"

/* What is tried. */
static const double imagenet_means[] = {0.485, 0.456, 0.406};
static const double imagenet_stds[] = {0.229, 0.224, 0.225};
static const struct usual {
    double mean, std;
    int channels; /* of means and stds; 0: mean and std hold */
    const double *means, *stds;
} usual[] = {{0, 1, 0, NULL, NULL}, /* nothing is said */
             {0.1307, 0.3081, 0, NULL, NULL},
             {0.5, 0.5, 0, NULL, NULL},
             {0, 1 / 255.0, 0, NULL, NULL},
             {0, 1, 3, imagenet_means, imagenet_stds}};

typedef struct fitting {
    ext_import_options *o;
    ext_context *models;
    ext_watch *watch;
    sqlite3_value *onnx;
    const ext_class_set *classes;
    ext_sample sample;
    int *chosen;   /* [sample.n] */
    double loss;   /* of the best */
    double chance; /* images that it would get right, if labels were dealt at random */
} fitting;

static dn_onnx_given given_of(const fitting *f, int k) {
    dn_onnx_given given = f->o->given;
    given.mean = usual[k].mean;
    given.std = usual[k].std;
    given.said = k > 0;
    given.channels = usual[k].channels;
    given.means = usual[k].means;
    given.stds = usual[k].stds;
    return given;
}

/* read_model - the network as one of the usual ones has it. A status of core's. */
static int read_model(dn_model **model, const fitting *f, int k, char *error) {
    const dn_host host = ext_context_host(f->models, f->watch);
    const dn_onnx_given given = given_of(f, k);
    const void *file = sqlite3_value_blob(f->onnx);
    dn_onnx *net = NULL;
    void *bytes = NULL;
    size_t size = 0;
    *model = NULL;
    int status = dn_onnx_read(&net, file, (size_t)sqlite3_value_bytes(f->onnx), &given,
                              &host, error, EXT_ERROR_SIZE);
    if (status == DN_OK)
        status = dn_onnx_model(net, f->classes->labels, &host.watch, &bytes, &size);
    if (status == DN_OK)
        status = dn_model_decode(model, bytes, size, &host, error, EXT_ERROR_SIZE);
    sqlite3_free(bytes);
    dn_onnx_free(net);
    return status;
}

/* sample_start - reads the images; the model tells what they are to be. */
static int sample_start(fitting *f, const dn_model *model, char *error) {
    dn_model_info info;
    dn_model_get_info(model, &info);
    int rc = ext_sample_new(&f->sample, &info, error);
    if (rc == SQLITE_OK)
        rc = ext_sample_read(&f->sample, f->watch->db, f->o->fit, f->o->picture,
                             f->classes, error);
    if (rc != SQLITE_OK) return rc;
    f->chosen = sqlite3_malloc64(sizeof *f->chosen * (sqlite3_uint64)f->sample.n);
    return f->chosen ? SQLITE_OK : ext_no_memory(error);
}

/* commonest - images of the label that has the most; of none of them 0. */
static int commonest(const ext_sample *s) {
    int most = 0;
    for (int i = 0; i < s->n; i++) {
        int same = 0;
        for (int k = 0; k < s->n && s->labels[i] >= 0; k++)
            same += s->labels[k] == s->labels[i];
        if (same > most) most = same;
    }
    return most;
}

/* by_chance - images that have their label by chance: as many as if what was chosen had
 * been dealt to the images at random. */
static double by_chance(const fitting *f) {
    int64_t same = 0;
    for (int i = 0; i < f->sample.n; i++)
        for (int k = 0; k < f->sample.n; k++) same += f->sample.labels[i] == f->chosen[k];
    return (double)same / f->sample.n;
}

/* is_clear - whether the best is more than chance: by three standard errors. */
static int is_clear(const fitting *f) {
    const double more = f->o->right - f->chance;
    return more > 0 && more * more > 9 * f->chance * (1 - f->chance / f->sample.n);
}

/* check - whether the best is one to believe in. */
static int check(const fitting *f, char *error) {
    const int n = f->sample.n, most = commonest(&f->sample);
    const char *source = (const char *)sqlite3_value_text(f->o->fit);
    if (!source) return ext_no_memory(error);
    if (f->o->right > most && is_clear(f)) return SQLITE_OK;
    if (most == 0)
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "fit: no label of '%.100s' is one of the network's; give them in classes",
            source);
    else if (most == n)
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "fit: all images of '%.100s' have one label; expected some "
                         "of each",
                         source);
    else
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "fit: none of the usual mean and std gives more than %d of %d "
            "images of '%.100s' their label, while %d have the commonest one and %d "
            "would be chance; check the order of classes, and picture, give more "
            "images, or give mean and std",
            f->o->right, n, source, most, (int)(f->chance + 0.5));
    return SQLITE_ERROR;
}

/* try_one - one of the usual: it is kept if it is the best. A file that cannot be read
 * with it is left out, but for the first. */
static int try_one(fitting *f, int k, int *best, char *error) {
    dn_model *model;
    dn_metrics all = {0, 0, 0};
    int status = read_model(&model, f, k, error), rc = SQLITE_OK;
    if (status == DN_ERROR && k > 0) return SQLITE_OK;
    if (status == DN_OK && k == 0) rc = sample_start(f, model, error);
    if (status == DN_OK && rc == SQLITE_OK) {
        const dn_host host = ext_context_host(f->models, f->watch);
        status = ext_sample_predict(f->chosen, &all, &f->sample, model, &host.watch);
    }
    dn_model_free(model);
    if (rc != SQLITE_OK) return rc;
    if (status != DN_OK) return ext_from_core(status, error);
    if (k > 0 && (all.correct < f->o->right ||
                  (all.correct == f->o->right && all.loss >= f->loss)))
        return SQLITE_OK;
    f->o->right = (int)all.correct;
    f->loss = all.loss;
    f->chance = by_chance(f);
    *best = k;
    return SQLITE_OK;
}

int ext_import_fit(ext_import_options *o, ext_context *models, ext_watch *watch,
                   sqlite3_value *onnx, const ext_class_set *classes, char *error) {
    fitting f = {o, models, watch, onnx, classes, {0}, NULL, 0, 0};
    int best = 0, rc = ext_enter(models, error);
    if (rc != SQLITE_OK) return rc;
    for (int k = 0; k < (int)(sizeof usual / sizeof *usual) && rc == SQLITE_OK; k++)
        if (!usual[k].channels || usual[k].channels == f.sample.shape.c)
            rc = try_one(&f, k, &best, error);
    o->fitted = f.sample.n;
    if (rc == SQLITE_OK) rc = check(&f, error);
    o->given = given_of(&f, best);
    ext_leave(models);
    sqlite3_free(f.chosen);
    ext_sample_free(&f.sample);
    return rc;
}
