/* test_gradient.c - the gradient of every operator, inside whole networks, against
 * central differences of the reference: dLoss/dw ≈ (Loss(w + h) − Loss(w − h)) / 2h. */
#include "../../../core/trainer.h"
#include "../check.h"
#include "reference.h"

#define IMAGES 19 /* a full group of 16 and a part of one */

/* The layer that parameter i is of (dn_spec_place). */
static int layer_of(const dn_spec *spec, size_t i) {
    for (int k = 0; k < spec->n; k++) {
        const dn_layer *l = &spec->layers[k];
        const size_t out = (size_t)l->out.c, n = (size_t)l->rows * (size_t)l->ld;
        if (!l->rows) continue;
        if (!l->unit && i >= l->w && i - l->w < n) return k;
        if (i >= l->bias && i - l->bias < out) return k;
        if (l->norm && i >= l->gamma && i - l->gamma < out) return k;
    }
    return 0;
}

/* The loss after a change of that layer's parameters; what layers before it gave is in
 * results. */
static double loss_from(int layer, const tensor *results, const dn_spec *spec,
                        const double *w, const tensor *images, const int32_t *classes,
                        double smoothing, uint64_t seed) {
    static tensor now[DN_MAX_LAYERS + 1];
    memcpy(now, results, (size_t)spec->n * sizeof *now);
    ref_results(now, layer, spec, w, images, seed, 0);
    const double loss = ref_loss(&now[spec->n - 1], classes, smoothing);
    ref_free(now, layer, spec);
    return loss;
}

static void check_network(const char *layers, dn_shape shape, int classes,
                          double smoothing) {
    char error[256] = "";
    dn_options o;
    dn_label labels[8] = {{0}};
    for (int i = 0; i < classes; i++) labels[i].integer = i;
    dn_options_default(&o, layers, error, sizeof error);
    o.shape = shape;
    o.batch = IMAGES;
    o.label_smoothing = smoothing;
    dn_trainer *t = NULL;
    CHECK(dn_trainer_new(&t, &o, labels, classes, IMAGES, 0.4f, 0.3f, NULL, error,
                         sizeof error) == DN_OK);
    CHECK_STR(error, "");
    if (!t) return;

    const int size = shape.h * shape.w * shape.c;
    uint8_t *pixels = malloc((size_t)(IMAGES * size));
    dn_image images[IMAGES];
    int32_t class[IMAGES];
    uint32_t keys[IMAGES] = {0};
    tensor input = tensor_new(IMAGES, shape.c, shape.h, shape.w);
    for (int n = 0; n < IMAGES; n++) {
        images[n] = (dn_image){pixels + n * size, DN_UINT8};
        class[n] = n % classes;
        for (int i = 0; i < size; i++) {
            pixels[n * size + i] = (uint8_t)(rng_unit(7, (uint64_t)(n * size + i)) * 256);
            float value = ((float)pixels[n * size + i] / 255.0f - 0.4f) / 0.3f;
            int c = i % shape.c, at = i / shape.c;
            *cell(&input, n, c, at / shape.w, at % shape.w) = (double)value;
        }
    }
    /* Biases and batch norm's numbers begin at 0 and 1: move them off. */
    for (size_t i = t->spec.conv; i < t->spec.small; i++)
        t->w[i] += 0.3f * (rng_unit(3, i) - 0.5f);

    /* Twice: what the first leaves behind in the buffers must not show in the second. */
    dn_metrics metrics = {0};
    dn_gradient(t, NULL, images, class, keys, IMAGES, &metrics);
    metrics = (dn_metrics){0};
    dn_gradient(t, NULL, images, class, keys, IMAGES, &metrics);
    dn_update_weights(t, NULL, 2, 0);
    CHECK(metrics.images == IMAGES);

    double *w = malloc(t->spec.total * sizeof *w), worst = 0;
    for (size_t i = 0; i < t->spec.total; i++) w[i] = (double)t->w[i];
    static tensor results[DN_MAX_LAYERS + 1];
    ref_results(results, 0, &t->spec, w, &input, o.seed, 0);
    if (smoothing == 0) {
        double loss = ref_loss(&results[t->spec.n - 1], class, 0);
        CHECK(fabs(loss - metrics.loss / IMAGES) < 1e-5 * (1 + loss));
    }
    /* Every layer's parameters in turn, about a hundred in all. Sanitised a tenth: all
     * that runs from here on is the reference. */
    size_t stride = t->spec.total / (check_sanitised() ? 10 : 100) + 1;
    for (size_t i = 0; i < t->spec.total;
         i += i < t->spec.small ? stride / 8 + 1 : stride) {
        const double h = 1e-7, kept = w[i];
        w[i] = kept + h;
        const int layer = layer_of(&t->spec, i);
        double up =
            loss_from(layer, results, &t->spec, w, &input, class, smoothing, o.seed);
        w[i] = kept - h;
        double down =
            loss_from(layer, results, &t->spec, w, &input, class, smoothing, o.seed);
        w[i] = kept;
        /* The rows' filling takes no part and must have no gradient. */
        const double slope = (up - down) / (2 * h);
        const double difference = fabs(slope - (double)t->gradient[i]) /
                                  (1 + fabs(slope));
        if (difference > worst) worst = difference;
    }
    if (worst > 2e-5) printf("%s: gradient off by %g\n", layers, worst);
    CHECK(worst <= 2e-5);
    ref_free(results, 0, &t->spec);
    free(w);
    free(pixels);
    free(input.v);
    dn_trainer_free(t);
}

int main(void) {
    const dn_shape grey = {9, 11, 1}, colour = {8, 8, 3};
    check_network("", grey, 4, 0);
    check_network("13N", grey, 4, 0.1);
    check_network("30Nb-9N", grey, 5, 0);
    check_network("5C3", grey, 3, 0);
    check_network("6C3v-7C3v", grey, 3, 0);
    check_network("5C3-MP2-6C3-MP2", grey, 3, 0);
    check_network("4C5/2-9C3/2-4C2/3", grey, 3, 0);
    check_network("4C4-5C2v", grey, 3, 0);
    check_network("5C3b-MP2-6C3vb", grey, 3, 0.1);
    check_network("4C3b/2-4C1b-GAP", grey, 3, 0);
    check_network("6C3-AP2-4C3", grey, 3, 0);
    check_network("6C3-MP3/2-4C3-AP3/1", grey, 3, 0);
    check_network("6C3-MP3/1-MP2/3", grey, 3, 0);
    check_network("5C3-MP4-4C1-MP1", colour, 3, 0); /* windows that fill the maps */
    check_network("MP2-AP2-D0.2-5C1", grey, 3, 0);
    check_network("D0.5-6C3b-D0.25-MP2-17N-D0.5", colour, 3, 0);
    check_network("8C3-5C3vb-MP2/3-9Nb", colour, 7, 0.2);
    check_network("9C3-10C3v-MP2-8C3b", grey, 3, 0); /* Winograd's, odd widths */
    check_network("8C1-9C3-MP2-13C3", colour, 3, 0);
    /* Activations: of fully connected layers and convolutions, normalised or not. */
    check_network("9Ni-8Nbs", grey, 3, 0);
    check_network("6C3i-MP2-5C3bt", grey, 3, 0);
    check_network("5C3s-6C3bt-MP2-8Nl", grey, 3, 0);
    check_network("5C3bl0.2-AP2-6C3e-9Nbe0.5:1.5", grey, 3, 0);
    check_network("5C3g-MP2-6C3bg-7Ng", grey, 3, 0);
    check_network("5C3r6-6C3bc-1:0.5-7Nh", grey, 3, 0);
    check_network("5C3w-6C3bw-MP2-7Nbm", grey, 3, 0.1);
    check_network("5C3f-6C3bo-MP2-7Nbf-5Nu0.01", grey, 3, 0.1);
    check_network("5C3h-6C3vbd.3:.4-7Nbd-9Nbi", colour, 3, 0);
    /* Graphs: sums, maps side by side, products; several readers, also of the image. */
    check_network("6C3-(6C3i)+-5C3", grey, 3, 0);
    check_network("6C3b-(6C3b-6C3bi)+-MP2-(9C3b/2-9C3bi|9C1b/2i)+-GAP", grey, 3, 0);
    check_network("X3[8C3b-(8C3b-D0.2-8C3bi)+]-12N", grey, 3, 0.1);
    check_network("6C1-(7C1|9C3)&-5C3", grey, 3, 0);
    check_network("(4C3v|MP3/1-3C3)&s-(5C1|AP1|)&i-GAP", colour, 3, 0);
    check_network("6C3-(GAP-3C1-6C1s)*-5C3", grey, 3, 0);
    check_network("5C3-(5C1s|5C3b)*w-(5C1)*-8N", colour, 3, 0);
    check_network("(3C3i)+-(3C3b|)*-MP2", colour, 3, 0);
    check_network("6C3-(|8N|D0.5-5Ng)&", (dn_shape){1, 1, 5}, 3, 0);
    check_network("5C3-()+i-(3C3|D0.3-4C1|@0-2C3)&-6C3-(@1|@8-5C1i)+-D0.2", grey, 3, 0);
    check_network("4C3-(10N|7N-10N|10Nb)+t-(9Ni-10Ni)+w", grey, 3, 0);
    /* Padding, groups, each map alone; batch norm alone; an end that is written. */
    check_network("4C3p1/2-5C4p2.1.0.3-3C5p4", grey, 3, 0);
    check_network("4C3s-MP3/2p1-5C3t-AP3/2p1-4C2s-AP3/1z1", grey, 3, 0);
    check_network("4C3i-(4C3i|)*r-(2C3i|3C1i)&r-5C2i-(GAP-5Ni)*r-4Ni", grey, 3, 0);
    check_network("4C3s-MP2.1/2.1-5C3t-AP1.3/1.2p0.1.0.1-4C2s-AP3.2/1z1", grey, 3, 0);
    check_network("4C3s-MP3/1d2p2-5C2t-MP2.3/1.2d2.1-4C2s", grey, 3, 0);
    check_network("4C1s-MP4/3p0.1.2.3-AP2/2p1.0.0.1", grey, 3, 0);
    check_network("6C3-9C3g3s-6C1g3b-8C5/2g2-GAP", grey, 3, 0);
    check_network("5C3-DW3s-DW5/2b-7C1-DW2p0.1.1.0t-DW1i", grey, 3, 0);
    check_network("DW3-4C3-(DW3b-6C1s-DW3p1i-4C1bi)+", colour, 3, 0);
    check_network("B-6C3i-Bs-(B-6C3i-Br-D0.2-6C3i)+i-B-9Ni-Bw", colour, 3, 0.1);
    check_network("5C3-3C1i-GAP-OUT", grey, 3, 0);
    check_network("4C3-7Ns-OUT", (dn_shape){3, 2, 5}, 7, 0);
    check_network("OUT", (dn_shape){2, 1, 2}, 4, 0);
    return check_done("test_gradient");
}
