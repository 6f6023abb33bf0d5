/* warm_start.c - a trainer that begins from a stored model's weights: see dn.h. */
#include <string.h>
#include "error.h"
#include "input.h"
#include "trainer.h"

/* same_layers - whether two notations have the same numbers: an end of sigmoids, OUTs,
 * has those of OUT. */
static int same_layers(const char *model, const char *trained) {
    const size_t n = strlen(model);
    const int sigmoids = n >= 4 && strcmp(model + n - 4, "OUTs") == 0;
    return strcmp(model, trained) == 0 ||
           (sigmoids && strlen(trained) == n - 1 && strncmp(model, trained, n - 1) == 0);
}

/* numbers_check - whether the network of a model is that of a trainer. */
static int numbers_check(const dn_trainer *t, const dn_numbers *model, char *error,
                         size_t error_size) {
    const int status = dn_check_shape(t, model->spec.shape, error, error_size);
    if (status != DN_OK) return status;
    if (!same_layers(model->spec.text, t->spec.text))
        return dn_fail(error, error_size,
                       "its layers are '%.150s'; expected '%.150s', as asked for",
                       model->spec.text, t->spec.text);
    return DN_OK;
}

static int same_classes(const dn_trainer *t, const dn_numbers *model) {
    if (model->spec.classes != t->spec.classes) return 0;
    for (int i = 0; i < t->spec.classes; i++)
        if (!dn_same_label(&model->labels[i], &t->labels[i])) return 0;
    return 1;
}

/* copy_layer - a layer's numbers. Where each lies in the vectors differs, as the output
 * layer may have another size. */
static void copy_layer(dn_trainer *t, const dn_layer *to, const dn_numbers *model,
                       const dn_layer *from) {
    const size_t out = (size_t)to->out.c, one = sizeof(float);
    if (!to->rows) return;
    if (!to->unit)
        memcpy(t->w + to->w, model->weights + from->w,
               (size_t)to->rows * (size_t)to->ld * one);
    memcpy(t->w + to->bias, model->weights + from->bias, out * one);
    if (!to->norm) return;
    memcpy(t->w + to->gamma, model->weights + from->gamma, out * one);
    memcpy(t->stats + to->stat, model->stats + from->stat, 2 * out * one);
}

int dn_trainer_start(dn_trainer *t, const void *bytes, size_t size, char *error,
                     size_t error_size) {
    const dn_host host = {.heap = t->heap, .watch = t->watch};
    dn_numbers model;
    int status = dn_numbers_read(&model, bytes, size, &host, error, error_size);
    if (status == DN_OK) status = numbers_check(t, &model, error, error_size);
    if (status == DN_OK) {
        const int n = t->spec.n - !same_classes(t, &model);
        for (int i = 0; i < n; i++)
            copy_layer(t, &t->spec.layers[i], &model, &model.spec.layers[i]);
        memcpy(t->average, t->w, t->spec.total * sizeof *t->w);
        t->mean = model.mean;
        t->std = model.std;
        t->inverse = 1.0f / model.std;
        dn_input_table(t->table, t->mean, t->inverse);
        dn_pack_weights(t, NULL);
    }
    dn_numbers_clear(&model);
    return status;
}
