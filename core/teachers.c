/* teachers.c - what a step's teachers say of the images that it learns from. See
 * trainer.h. */
#include <math.h>
#include <string.h>
#include "fmath.h"
#include "trainer.h"

/* Below this a class's share is no longer told from nothing: dn_log takes normal numbers
 * alone. */
#define LEAST_SHARE 1e-30

/* The images as teacher k sees them, standardised in its own way:
 * (x·std + mean − its mean)·its inverse. */
static void show(const dn_trainer *t, int k, const dn_view *to, const dn_view *from) {
    const dn_model *teacher = t->teachers[k];
    const float scale = t->std * teacher->inverse;
    const float shift = (t->mean - teacher->mean) * teacher->inverse;
    for (int c = 0; c < from->c; c++)
        for (int y = 0; y < from->h; y++)
            for (int x = 0; x < from->w; x++) {
                const float *p = from->p + c * from->channel + y * from->row +
                                 x * from->column;
                float *q = to->p + c * to->channel + y * to->row + x * to->column;
                for (int n = 0; n < DN_LANES; n++) q[n] = p[n] * scale + shift;
            }
}

/* Teacher k's logits of the images in x, in the thread's memory. */
static const float *ask_one(dn_trainer *t, int k, const dn_view *x, int thread,
                            dn_ask *ask) {
    float *memory = t->teacher_memory[thread];
    for (int i = 0; i < k; i++) memory += dn_walk_size(&t->teacher_walks[i]);
    dn_pass pass = dn_model_pass(t->teachers[k], &t->teacher_walks[k], memory);
    const dn_view to = dn_pass_input(&pass);
    show(t, k, &to, x);
    pass.ask = *ask;
    dn_pass_forward(&pass, -1);
    *ask = pass.ask;
    return dn_pass_output(&pass).p;
}

/* e^((z − top) / temperature), z image n's logit of a class; 1 for the largest, top. */
static double power(const float *z, double top, double temperature) {
    return dn_exp(((double)*z - top) / temperature);
}

/* How much a teacher with logits z counts for an image whose class is truth: 1, or where
 * the teacher is checked its probability of truth, and 0 if it has another. */
static double weight_of(const dn_trainer *t, const float *z, int truth) {
    if (!t->options.teacher_checked) return 1;
    if (truth < 0) return 0;
    double sum = 0;
    const float right = z[truth * DN_LANES];
    for (int o = 0; o < t->spec.classes; o++) {
        if (z[o * DN_LANES] > right) return 0;
        sum += power(&z[o * DN_LANES], (double)right, 1);
    }
    return 1 / sum;
}

/* Adds weight times what a teacher with logits z says of an image, at the distillation
 * temperature, to its classes' shares of all: nothing, where z are no numbers. */
static void add(float *shares, const dn_trainer *t, const float *z, double weight) {
    const double temperature = t->options.teacher_temperature;
    double top = -INFINITY, sum = 0;
    for (int o = 0; o < t->spec.classes; o++)
        if ((double)z[o * DN_LANES] > top) top = (double)z[o * DN_LANES];
    for (int o = 0; o < t->spec.classes; o++)
        sum += power(&z[o * DN_LANES], top, temperature);
    if (!(sum > 0)) return;
    for (int o = 0; o < t->spec.classes; o++)
        shares[o * DN_LANES] +=
            (float)(weight * power(&z[o * DN_LANES], top, temperature) / sum);
}

/* The shares of an image's classes as logits, of which softmax at the distillation
 * temperature makes the shares again. Where no teacher counts they are such that a
 * checked teacher is wrong; or no numbers, as those of one that is not checked. */
static void to_logits(float *shares, const dn_trainer *t, int truth) {
    double sum = 0;
    for (int o = 0; o < t->spec.classes; o++) sum += (double)shares[o * DN_LANES];
    for (int o = 0; o < t->spec.classes; o++) {
        float *share = &shares[o * DN_LANES];
        if (sum > 0) {
            const double part = (double)*share / sum;
            *share = (float)(t->options.teacher_temperature *
                             dn_log(part > LEAST_SHARE ? part : LEAST_SHARE));
        } else {
            *share = !t->options.teacher_checked ? NAN : o == truth ? -1.0f : 0.0f;
        }
    }
}

void dn_ask_teachers(dn_trainer *t, float *logits, const dn_view *x,
                     const int32_t *classes, int thread, dn_ask *ask) {
    const size_t size = (size_t)t->spec.classes * DN_LANES * sizeof *logits;
    if (!t->options.teacher_mean) {
        const int k = (int)(t->step % t->teacher_count);
        memcpy(logits, ask_one(t, k, x, thread, ask), size);
        return;
    }
    memset(logits, 0, size);
    for (int k = 0; k < t->teacher_count; k++) {
        const float *z = ask_one(t, k, x, thread, ask);
        for (int n = 0; n < DN_LANES; n++) {
            const double weight = weight_of(t, z + n, classes[n]);
            if (weight > 0) add(logits + n, t, z + n, weight);
        }
    }
    for (int n = 0; n < DN_LANES; n++) to_logits(logits + n, t, classes[n]);
}
