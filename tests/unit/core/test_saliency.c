/* test_saliency.c - what dn_saliency says is the gradient that it claims to be, by
 * central differences of the reference. (That the pixels it marks count:
 * tests/host/test_saliency.c.) */
#include "../../../core/trainer.h"
#include "../check.h"
#include "reference.h"

#define MEAN 0.4f
#define STD  0.3f

static char error[256];

/* An image, 1 × c × h × w, as copy k sees it. */
static void copy_of(tensor *copy, const tensor *x, uint32_t k, double blank) {
    EACH(copy, n, c, y, q) {
        uint32_t pixel = (uint32_t)(y * x->w + q);
        int gone = k > 0 && rng_hash32(k, pixel) < 0x4CCCCCCDu;
        *cell(copy, n, c, y, q) = gone ? blank : *cell(x, n, c, y, q);
    }
}

static void check_gradient(const char *layers, dn_shape shape, int classes) {
    dn_options o;
    dn_label labels[8] = {{0}};
    dn_trainer *t = NULL;
    dn_model *m = NULL;
    void *bytes = NULL;
    size_t size = 0;
    for (int i = 0; i < classes; i++) labels[i].integer = i;
    dn_options_default(&o, layers, error, sizeof error);
    o.shape = shape;
    CHECK(dn_trainer_new(&t, &o, labels, classes, 1, MEAN, STD, NULL, error,
                         sizeof error) == DN_OK);
    for (size_t i = t->spec.conv; i < t->spec.small; i++)
        t->w[i] += 0.3f * (rng_unit(3, i) - 0.5f);
    /* The model is made of the averages. */
    memcpy(t->average, t->w, t->spec.total * sizeof(float));
    double *w = malloc(t->spec.total * sizeof *w);
    for (size_t i = 0; i < t->spec.total; i++) w[i] = (double)t->w[i];
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);

    const int n = shape.h * shape.w * shape.c;
    const double blank = (0.0 - (double)MEAN) / (double)STD;
    uint8_t pixels[512];
    float saliency[512];
    tensor x = tensor_new(1, shape.c, shape.h, shape.w);
    tensor copy = tensor_new(1, shape.c, shape.h, shape.w);
    for (int i = 0; i < n; i++) {
        pixels[i] = (uint8_t)(rng_unit(7, (uint64_t)i) * 256);
        const int at = i / shape.c;
        *cell(&x, 0, i % shape.c, at / shape.w, at % shape.w) =
            ((double)pixels[i] / 255 - (double)MEAN) / (double)STD;
    }
    const dn_image image = {pixels, DN_UINT8};
    const int32_t class = 1;
    CHECK(dn_saliency(m, &image, class, saliency, NULL, error, sizeof error) == DN_OK);
    double worst = 0, most = 0;
    for (int i = 0; i < n; i += 5) {
        const double h = 1e-6;
        const int c = i % shape.c, y = i / shape.c / shape.w, q = i / shape.c % shape.w;
        double slope = 0;
        for (uint32_t k = 0; k < 16; k++) {
            copy_of(&copy, &x, k, blank);
            double *value = cell(&copy, 0, c, y, q), kept = *value;
            *value = kept + h;
            double up = ref_network(&t->spec, w, &copy, &class, 0, o.seed, 0);
            *value = kept - h;
            double down = ref_network(&t->spec, w, &copy, &class, 0, o.seed, 0);
            slope -= (up - down) / (2 * h) / 16;
        }
        const double wanted = slope * (*cell(&x, 0, c, y, q) - blank);
        const double off = fabs(wanted - (double)saliency[i]);
        if (off > worst) worst = off;
        if (fabs(wanted) > most) most = fabs(wanted);
    }
    if (worst > 2e-5 * (1 + most)) printf("'%s': off by %g of %g\n", layers, worst, most);
    CHECK(most > 0 && worst <= 2e-5 * (1 + most));
    free(copy.v);
    free(x.v);
    free(w);
    free(bytes);
    dn_model_free(m);
    dn_trainer_free(t);
}

int main(void) {
    const dn_shape grey = {9, 11, 1}, colour = {8, 8, 3};
    check_gradient("", grey, 4);
    check_gradient("13N", grey, 4);
    check_gradient("30N-9N", grey, 5);
    check_gradient("5C3", grey, 3);
    check_gradient("6C3v-7C3v", grey, 3);
    check_gradient("5C3-MP2-6C3-MP2", grey, 3);
    check_gradient("4C5/2-9C3/2-4C2/3", grey, 3);
    check_gradient("4C4-5C2v", grey, 3);
    check_gradient("6C3-AP2-4C3", grey, 3);
    check_gradient("6C3-MP3/2-4C3-AP3/1", grey, 3);
    check_gradient("6C3-MP3/1-MP2/3", grey, 3);
    check_gradient("4C1-GAP", grey, 3);
    check_gradient("MP2-AP2-5C1", grey, 3);
    check_gradient("9C3-10C3v-MP2-8C3", grey, 3); /* Winograd's, odd widths */
    check_gradient("8C1-9C3-MP2-13C3", colour, 3);
    /* Activations, there and back; their normalisation is folded. */
    check_gradient("5C3i-MP2-6C3s-9Nt", grey, 3);
    check_gradient("5C3l-6C3e-GAP-5Nw", grey, 3);
    check_gradient("5C3f-6C3o-GAP-5Nf", grey, 3);
    check_gradient("5C3vg-6C3r6-AP2-7Nm", colour, 3);
    check_gradient("6C3h-8Nd-9Ni", grey, 3);
    /* Graphs. */
    check_gradient("6C3-(6C3i)+-5C3", grey, 3);
    check_gradient("(4C3v|3C2s-MP3/1-2C3)&s-(5C1|AP1|)&i-GAP", colour, 3);
    check_gradient("(3C3i)+-(GAP-2C1-3C1s)*-MP2", colour, 3);
    check_gradient("5C3-()+i-(3C3|4C1|@0-2C3)&-6C3-(@1|@7-5C1i)+", grey, 3);
    check_gradient("4C3-(10N|7N-10N)+t-(9Ni-10Ni)*w", grey, 3);
    check_gradient("4C3p1/2-5C4p2.1.0.3-MP3/2p1-AP3/2z1", grey, 3);
    check_gradient("4C3-MP2.1-AP1.3/1.2p0.1.0.1-MP2/1d2.3p2", grey, 3);
    check_gradient("6C3s-DW3/2-9C3g3s-6C1g3-AP2/1p1", grey, 3);
    check_gradient("6C3i-3C1i-GAP-OUT", colour, 3);
    return check_done("test_saliency");
}
