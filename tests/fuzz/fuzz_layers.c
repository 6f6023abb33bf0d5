/* fuzz_layers.c - the layer notation.
 *
 *     1 byte   classes − 2
 *     3 bytes  height, width, channels of an image, of the sides below
 *     …        the notation */
#include "../../core/spec.h"
#include "fuzz.h"

static const int sides[16] = {28, 1,  2,  3,  4,  5,  7,    8,
                              12, 16, 27, 32, 56, 64, 4096, 4097};

static int same_layer(const dn_layer *a, const dn_layer *b) {
    return a->kind == b->kind && a->out.h == b->out.h && a->out.w == b->out.w &&
           a->out.c == b->out.c && a->kh == b->kh && a->kw == b->kw &&
           a->stride == b->stride && a->pad_y == b->pad_y && a->pad_x == b->pad_x &&
           a->groups == b->groups && a->zeros == b->zeros && a->unit == b->unit &&
           a->norm == b->norm && a->activation == b->activation &&
           memcmp(&a->alpha, &b->alpha, sizeof a->alpha) == 0 && a->froms == b->froms &&
           memcmp(a->from, b->from, sizeof a->from) == 0 &&
           memcmp(&a->beta, &b->beta, sizeof a->beta) == 0 && a->w == b->w &&
           a->bias == b->bias;
}

/* What the rest of core relies on. */
static void check(const dn_spec *spec) {
    FUZZ_CHECK(spec->n >= 1 && spec->n <= DN_MAX_LAYERS + 1);
    FUZZ_CHECK(spec->parameters >= 0 && spec->parameters <= DN_MAX_PARAMETERS);
    FUZZ_CHECK(spec->conv <= spec->small && spec->small <= spec->total);
    FUZZ_CHECK(spec->layers[spec->n - 1].kind == DN_DENSE ||
               spec->layers[spec->n - 1].kind == DN_OUTPUT);
    FUZZ_CHECK(spec->layers[spec->n - 1].out.c == spec->classes);
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        FUZZ_CHECK(l->froms >= 1 && l->froms <= DN_MAX_FROM);
        for (int k = 0; k < l->froms; k++) FUZZ_CHECK(l->from[k] >= -1 && l->from[k] < i);
        const dn_shape maps = l->from[0] < 0 ? spec->shape : spec->layers[l->from[0]].out;
        FUZZ_CHECK(l->in.h == maps.h && l->in.w == maps.w && l->in.c == maps.c);
        FUZZ_CHECK(l->out.h >= 1 && l->out.w >= 1 && l->out.c >= 1);
        FUZZ_CHECK(l->drop >= 0 && l->drop < 1);
        if (l->stride) { /* it has windows */
            FUZZ_CHECK(l->stride >= 1 && l->kh >= 1 && l->kw >= 1);
            FUZZ_CHECK((l->out.h - 1) * l->stride - l->pad_y < l->in.h);
            FUZZ_CHECK((l->out.w - 1) * dn_stride_x(l) - l->pad_x < l->in.w);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static dn_spec spec, again;
    fuzz_input in = {bytes, size};
    char error[512] = "", text[2 * DN_MAX_NOTATION];
    dn_options options;
    const int classes = 2 + fuzz_below(&in, 16);
    dn_shape shape;
    shape.h = sides[fuzz_below(&in, 16)];
    shape.w = sides[fuzz_below(&in, 16)];
    shape.c = sides[fuzz_below(&in, 16)];
    size_t n = in.left < sizeof text - 1 ? in.left : sizeof text - 1;
    if (n) memcpy(text, in.at, n);
    text[n] = 0;

    if (dn_options_default(&options, text, error, sizeof error) == DN_OK)
        FUZZ_CHECK(dn_options_check(&options, error, sizeof error) == DN_OK);
    else
        FUZZ_CHECK(error[0]);
    error[0] = 0;
    if (dn_spec_parse(&spec, text, shape, classes, NULL, error, sizeof error) != DN_OK) {
        FUZZ_CHECK(error[0]);
        return 0;
    }
    check(&spec);
    /* The canonical form means the same, and is itself. */
    FUZZ_CHECK(dn_spec_parse(&again, spec.text, shape, classes, NULL, error,
                             sizeof error) == DN_OK);
    FUZZ_CHECK(strcmp(again.text, spec.text) == 0);
    FUZZ_CHECK(again.n == spec.n && again.total == spec.total &&
               again.stats == spec.stats && again.parameters == spec.parameters);
    FUZZ_CHECK(again.n == spec.n);
    for (int i = 0; i < spec.n; i++)
        FUZZ_CHECK(same_layer(&spec.layers[i], &again.layers[i]));
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    static const char *const texts[] = {"",
                                        "24C5v-MP2-32C3v-MP2-256N",
                                        "16C3b-16C3/2-AP2/1-GAP-10N-D0.3",
                                        "deep",
                                        "lenet5",
                                        "8c3vb/2-mp3-d.5-12nb",
                                        "4096C64-65536N",
                                        "8C3-(8C3b-8C3bi)+-(9C3/2|9C1/2i)+-GAP",
                                        "X3[(8C1|X2[8C3i])&s-(GAP-4N-16Ns)*-8C1]-8N",
                                        "3C3-D.5-(@0-3C3|)+i-(@1|@2-3C1)+-()*",
                                        "8C3bl0.2-6C3c-1:#3f800000-5Ne1.5:2-4N6",
                                        "6C5p2.1.0.3g3-DW3/2br6-MP3/2p1-AP3z1-Bs",
                                        "9C3g-B-10C1i-GAP-OUTs",
                                        "D0.25"};
    if (i >= (int)(sizeof texts / sizeof *texts)) return 0;
    memcpy(out, "\x08\0\0\x01", 4);
    memcpy(out + 4, texts[i], strlen(texts[i]));
    return 4 + strlen(texts[i]);
}
