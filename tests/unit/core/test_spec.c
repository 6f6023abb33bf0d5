/* test_spec.c - the layer notation: what it means, and what is wrong with the wrong. */
#include <stdlib.h>
#include <math.h>
#include "../../../core/spec.h"
#include "../check.h"

static char error[512];
static dn_spec spec;

static int parse(const char *layers, int h, int w) {
    error[0] = '\0';
    return dn_spec_parse(&spec, layers, (dn_shape){h, w, 1}, 10, NULL, error,
                         sizeof error);
}

/* What may follow a layer that has an activation. */
#define LETTERS                                                                          \
    "; b (batch normalisation), then one letter may follow: i linear, r ReLU, s "        \
    "sigmoid, t tanh, l leaky ReLU, e ELU, g GELU, c clip, d hard sigmoid, h hard "      \
    "swish, w swish (SiLU), m mish, q quick GELU, f softplus, o softsign, u ReLU above " \
    "a threshold"

static void fails(const char *layers, const char *expected) {
    CHECK(parse(layers, 28, 28) == DN_ERROR);
    CHECK_STR(error, expected);
}

static void test_meaning(void) {
    CHECK(parse("24c5V-mp2-32C3v-MP2-256n", 28, 28) == DN_OK);
    CHECK_STR(spec.text, "24C5v-MP2-32C3v-MP2-256N");
    CHECK(spec.n == 6);
    CHECK(spec.layers[0].out.h == 24 && spec.layers[0].out.c == 24);
    CHECK(spec.layers[3].out.h == 5 && spec.layers[4].in.c == 32);
    CHECK(spec.layers[5].out.c == 10 && spec.layers[5].activation == DN_LINEAR);
    CHECK(spec.parameters == 24 * 26 + 32 * (24 * 9 + 1) + 256 * 801 + 10 * 257);

    CHECK(parse("", 8, 8) == DN_OK && spec.n == 1 && spec.parameters == 650);
    CHECK(parse("5C3", 7, 9) == DN_OK && spec.layers[0].out.h == 7 &&
          spec.layers[0].pad_y == 1 && spec.layers[0].out.w == 9);
    /* As TensorFlow's SAME: 28 → 14, one row of zeros above and two below. */
    CHECK(parse("4C5/2", 28, 28) == DN_OK && spec.layers[0].out.h == 14 &&
          spec.layers[0].pad_y == 1);
    CHECK(parse("4C5v/2b", 28, 28) == DN_OK && spec.layers[0].out.h == 12 &&
          spec.layers[0].norm && spec.stats == 8);
    CHECK_STR(spec.text, "4C5v/2b");
    CHECK(parse("MP3/2-AP2-GAP-D.5-D0.25-8Nb", 28, 30) == DN_OK);
    CHECK(spec.layers[0].out.h == 13 && spec.layers[0].out.w == 14);
    CHECK(spec.layers[1].out.h == 6 && spec.layers[2].kh == 6 && spec.layers[2].kw == 7);
    CHECK(spec.layers[3].drop == 0.5f && spec.layers[4].drop == 0.25f);
    CHECK_STR(spec.text, "MP3/2-AP2-GAP-D.5-D0.25-8Nb");
}

/* Whether layer i (from 0) reads the layers of a list, of which −2 ends it. */
static int reads(int i, const int *from) {
    int same = 1, n = 0;
    for (; from[n] > -2; n++)
        same = same && n < spec.layers[i].froms && spec.layers[i].from[n] == from[n];
    return same && n == spec.layers[i].froms;
}

#define READS(i, ...) reads(i, (const int[]){__VA_ARGS__, -2})

static void test_graphs(void) {
    CHECK(parse("8c3-(8C3b-8C3BI)+-( ", 9, 9) == DN_ERROR);
    CHECK(parse("8c3-(8C3b-8C3BI)+-5n", 9, 9) == DN_OK && spec.n == 6);
    CHECK_STR(spec.text, "8C3-(8C3b-8C3bi)+-5N");
    CHECK(READS(0, -1) && READS(1, 0) && READS(2, 1) && READS(3, 0, 2) && READS(4, 3));
    CHECK(spec.layers[3].kind == DN_ADD && spec.layers[3].activation == DN_RELU);
    CHECK(parse("(3C3/2|5C1/2|)&", 9, 9) == DN_ERROR);
    CHECK_STR(error, "layers: '(3C3/2|5C1/2|)&': the group at character 1 lays side by "
                     "side 5x5x3 and 9x9x1; they must have one height and width");
    CHECK(parse("(3C3/2|5C1/2S)&w-7C1", 9, 9) == DN_OK);
    CHECK_STR(spec.text, "(3C3/2|5C1/2s)&w-7C1");
    CHECK(READS(0, -1) && READS(1, -1) && READS(2, 0, 1) && spec.layers[2].out.c == 8);
    CHECK(parse("4C3-(GAP-2N-4Ns)*-6C3", 9, 9) == DN_OK);
    CHECK(READS(4, 0, 3) && spec.layers[4].out.h == 9 && !spec.layers[4].vector);
    CHECK(parse("x3[4C3-(4C3)+I]-(()+|@2)&", 9, 9) == DN_OK && spec.n == 12);
    CHECK_STR(spec.text, "X3[4C3-(4C3)+i]-(()+|@2)&");
    CHECK(READS(3, 2) && READS(5, 3, 4) && READS(9, 8, 8) && READS(10, 9, 1));
    CHECK(parse("X2[X2[MP2]]-X4[]", 32, 32) == DN_OK && spec.n == 5);
    CHECK_STR(spec.text, "X2[X2[MP2]]-X4[]");

    fails("(8C3", "layers: '(8C3': expected '-', '|' or ')' in '8C3' at character 2");
    fails("(8C3)", "layers: '(8C3)': expected '+', '&' or '*' after the group in '8C3)' "
                   "at character 2");
    fails("(8C3)+8C3", "layers: '(8C3)+8C3': expected '-' after '(8C3)+', not '8C3' at "
                       "character 7" LETTERS);
    fails("X2[8C3]s-4N",
          "layers: 'X2[8C3]s-4N': expected '-' after 'X2[8C3]', not 's' at "
          "character 8");
    fails("8C3)", "layers: '8C3)': ')' at character 4 is in no group");
    fails("(8C3-)+",
          "layers: '(8C3-)+': nothing after the last '-' in '8C3' at character "
          "2");
    fails("8C3-(9C3)+", "layers: '8C3-(9C3)+': the group at character 5 adds 28x28x8 and "
                        "28x28x9; they must have one shape");
    fails("8C3-(8C1|8C1|8C1)*",
          "layers: '8C3-(8C1|8C1|8C1)*': the group at character 5 multiplies 28x28x8 and "
          "28x28x8; a product needs two paths");
    fails(
        "8C3-(AP2)*",
        "layers: '8C3-(AP2)*': the group at character 5 multiplies 28x28x8 and 14x14x8; "
        "the second must have the shape of the first, or one value for each map");
    fails("8C3-@2", "layers: '8C3-@2': no layer before has this number in '@2' at "
                    "character 5");
    fails("8C3-@0", "layers: '8C3-@0': nothing reads the result of layer 1");
    fails("X0[8C3]", "layers: 'X0[8C3]': repetitions are not 1..512 in 'X0[8C3]' at "
                     "character 1");
    fails("X2(8C3)", "layers: 'X2(8C3)': expected '[' after the repetitions in 'X2(8C3)' "
                     "at character 1");
    fails("X2[8C3)", "layers: 'X2[8C3)': expected '-' or ']' in '8C3)' at character 4");
    fails("X64[X64[X2[]]]", "layers: 'X64[X64[X2[]]]': more than 4096 repetitions in "
                            "'X2[]]]' at character 9");
    fails("X512[8C1-D0]", "layers: 'X512[8C1-D0]': more than 512 layers in '8C1' at "
                          "character 6");
    char deep[200] = "";
    for (int i = 0; i < 17; i++) strcat(deep, "(");
    CHECK(parse(deep, 28, 28) == DN_ERROR);
    CHECK(strstr(error, "more than 16 groups within each other") != NULL);
    CHECK(parse("(||||||||)+", 28, 28) == DN_ERROR);
    CHECK(strstr(error, "more than 8 paths in a group") != NULL);
}

/* Every layer printed by itself, with what it reads by number: the same network. */
static void test_print(void) {
    static const char *const all[] = {
        "8C3-(8C3b-8C3bi)+-5N",
        "X3[4C3p2.1.0.2/2-(4C3g2)+i]-(()+|@9)&-B-GAP-10Ni-OUT",
        "(3C3|5C1s|)&w-7C1-DW3be0.5:1.25-D0.25-(GAP-2N-7Ns)*-MP3/2p1-AP3z1-20Nb",
        "MP2.1-4C3-MP2/1.2p1-AP3.2/2z1.0.0.1-MP2/1d3.2p1.2.0.0",
        "resnet20",
        "mobile"};
    static char text[DN_MAX_NOTATION], again[DN_MAX_NOTATION];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        dn_options o;
        CHECK(dn_options_default(&o, all[i], error, sizeof error) == DN_OK);
        if (!CHECK(parse(o.layers, 16, 16) == DN_OK)) continue;
        size_t n = 0;
        const int64_t parameters = spec.parameters;
        const int layers = spec.n, end = spec.layers[spec.n - 1].kind == DN_OUTPUT;
        for (int k = 0; k < spec.n - !end; k++, n += strlen(text + n))
            dn_layer_print(text + n, sizeof text - n, &spec.layers[k], k);
        CHECK(parse(text, 16, 16) == DN_OK);
        CHECK(spec.n == layers && spec.parameters == parameters);
        n = 0;
        for (int k = 0; k < spec.n - !end; k++, n += strlen(again + n))
            dn_layer_print(again + n, sizeof again - n, &spec.layers[k], k);
        CHECK_STR(again, text);
    }
}

/* A mean over whole maps has two names, which differ in their strides. */
static void test_whole_maps(void) {
    CHECK(parse("AP2.2", 2, 2) == DN_OK);
    CHECK_STR(spec.text, "AP2");
    CHECK(spec.layers[0].stride == 2);
    CHECK(parse("AP2.2/1", 2, 2) == DN_OK);
    CHECK_STR(spec.text, "GAP");
    CHECK(spec.layers[0].stride == 1);
}

/* Activations, and their canonical form. */
static void test_activations(void) {
    static const struct {
        const char *read, *written;
        dn_activation is;
        double alpha, beta;
    } all[] = {{"8C3", "8C3", DN_RELU, 0, 0},
               {"8c3R", "8C3", DN_RELU, 0, 0},
               {"08C3BV/1I", "8C3vbi", DN_LINEAR, 0, 0},
               {"8C3S", "8C3s", DN_SIGMOID, 0, 0},
               {"8C3bt", "8C3bt", DN_TANH, 0, 0},
               {"8C3l", "8C3l", DN_LEAKY, 0.01f, 0},
               {"8C3l.010", "8C3l", DN_LEAKY, 0.01f, 0},
               {"8C3L0.20", "8C3l0.2", DN_LEAKY, 0.2f, 0},
               {"8C3l#BE4CCCCD", "8C3l#be4ccccd", DN_LEAKY, -0.2f, 0},
               {"8C3l#3e4ccccd", "8C3l0.2", DN_LEAKY, 0.2f, 0},
               {"8C3l0.123456789", "8C3l#3dfcd6ea", DN_LEAKY, 0.123456789f, 0},
               {"8C3e", "8C3e", DN_ELU, 1, 1},
               {"8C3e.5", "8C3e0.5", DN_ELU, 0.5, 1},
               {"8C3e1.75:-1.5", "8C3e1.75:-1.5", DN_ELU, 1.75, -1.5},
               {"8C3g", "8C3g", DN_GELU, 0, 0},
               {"8C3r6", "8C3r6", DN_CLIP, 0, 6},
               {"8C3b6", "8C3br6", DN_CLIP, 0, 6},
               {"8C3c0:6", "8C3r6", DN_CLIP, 0, 6},
               {"8C3c-1:1", "8C3c-1:1", DN_CLIP, -1, 1},
               {"8C3d", "8C3d", DN_HARD_SIGMOID, 1.0f / 6, 0.5},
               {"8C3d.2", "8C3d0.2:0.5", DN_HARD_SIGMOID, 0.2f, 0.5},
               {"8C3h", "8C3h", DN_HARD_SWISH, 0, 0},
               {"8C3w", "8C3w", DN_SWISH, 0, 0},
               {"8C3M", "8C3m", DN_MISH, 0, 0},
               {"8C3Q", "8C3q", DN_QUICK_GELU, 0, 0},
               {"8C3F", "8C3f", DN_SOFTPLUS, 0, 0},
               {"8C3o", "8C3o", DN_SOFTSIGN, 0, 0},
               {"8C3u1", "8C3u", DN_THRESHOLD, 1, 0},
               {"8C3u.25", "8C3u0.25", DN_THRESHOLD, 0.25, 0},
               {"8C3u#BE800000", "8C3u#be800000", DN_THRESHOLD, -0.25, 0}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        CHECK(parse(all[i].read, 9, 9) == DN_OK);
        CHECK_STR(spec.text, all[i].written);
        const dn_layer *l = &spec.layers[0];
        CHECK(l->activation == all[i].is);
        CHECK((double)l->alpha == all[i].alpha && (double)l->beta == all[i].beta);
    }
    CHECK(parse("7Nbe-9N6-5Nc-2:3", 9, 9) == DN_OK);
    CHECK_STR(spec.text, "7Nbe-9Nr6-5Nc-2:3");
    fails("8C3c", "layers: '8C3c': the activation's parameter is not a number in '8C3c' "
                  "at character 1");
    fails("8C3e1:", "layers: '8C3e1:': the activation's parameter is not a number in "
                    "'8C3e1:' at character 1");
    fails("8C3l#7f800000", "layers: '8C3l#7f800000': the activation's parameter is not a "
                           "number in '8C3l#7f800000' at character 1");
    fails("8C3l#7f", "layers: '8C3l#7f': the activation's parameter is not a number in "
                     "'8C3l#7f' at character 1");
    fails("8C3ib", "layers: '8C3ib': expected '-' after '8C3', not 'ib' at character "
                   "4" LETTERS);
    fails("16C3SiLU-8N",
          "layers: '16C3SiLU-8N': expected '-' after '16C3', not 'SiLU' at "
          "character 5" LETTERS);
    fails("4N-16C3bsw", "layers: '4N-16C3bsw': expected '-' after '16C3b', not 'sw' at "
                        "character 9" LETTERS);
    fails("8Nx",
          "layers: '8Nx': expected '-' after '8N', not 'x' at character 3" LETTERS);
    fails("16C3s,MP2-8N",
          "layers: '16C3s,MP2-8N': expected '-' after '16C3s', not ',MP2' "
          "at character 6");
    fails("MP2s", "layers: 'MP2s': expected '-' after 'MP2', not 's' at character 4");
    /* As version 0.1 stored them. */
    CHECK(parse("08c3bv/1-mp2/2-D.50-012nb", 9, 9) == DN_OK);
    CHECK_STR(spec.text, "08C3bv/1-MP2/2-D.50-012Nb");
}

static void test_errors(void) {
    fails("24C5-XX", "layers: '24C5-XX': expected nCk, DWk, MPk, APk, GAP, nN, B, Dp or "
                     "OUT in 'XX' at "
                     "character 6");
    fails("24", "layers: '24': expected nCk, DWk, MPk, APk, GAP, nN, B, Dp or OUT in "
                "'24' at character 1");
    fails("0C3", "layers: '0C3': a layer of size 0 in '0C3' at character 1");
    fails("8C", "layers: '8C': kernel is not 1..64 in '8C' at character 1");
    fails("8C65", "layers: '8C65': kernel is not 1..64 in '8C65' at character 1");
    fails("8C3/0", "layers: '8C3/0': stride is not 1..64 in '8C3/0' at character 1");
    fails("8C3/65", "layers: '8C3/65': stride is not 1..64 in '8C3/65' at character 1");
    fails("8C3/", "layers: '8C3/': stride is not 1..64 in '8C3/' at character 1");
    fails("MP0", "layers: 'MP0': window is not 1..64 in 'MP0' at character 1");
    fails("AP65", "layers: 'AP65': window is not 1..64 in 'AP65' at character 1");
    fails("MP", "layers: 'MP': window is not 1..64 in 'MP' at character 1");
    fails("MP2/0", "layers: 'MP2/0': stride is not 1..64 in 'MP2/0' at character 1");
    fails("AP2/65", "layers: 'AP2/65': stride is not 1..64 in 'AP2/65' at character 1");
    /* Words that begin as a layer does. */
    static const char *const words[] = {"M2", "MA2", "A2", "AM2", "G", "GA", "GB", "GAB"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        CHECK(parse(words[i], 28, 28) == DN_ERROR);
        CHECK(strstr(error, "expected nCk, DWk, MPk, APk, GAP, nN, B, Dp or OUT in '") !=
              NULL);
    }
    fails("D1", "layers: 'D1': probability is not 0..1 in 'D1' at character 1");
    /* As a float it would be 1, and 1/(1 - p) infinite. */
    fails("D0.99999999",
          "layers: 'D0.99999999': probability is not 0..1 in 'D0.99999999' at character "
          "1");
    fails("D0.5N", "layers: 'D0.5N': expected '-' after 'D0.5', not 'N' at character 5");
    fails("D", "layers: 'D': probability is not 0..1 in 'D' at character 1");
    fails("5000C3", "layers: '5000C3': more than 4096 maps in '5000C3' at character 1");
    fails("99999999999N", "layers: '99999999999N': more than 65536 units in "
                          "'99999999999N' at character 1");
    fails("60000N-60000N",
          "layers: '60000N-60000N': more than 2^26 weights in '60000N' at "
          "character 8");
    fails("8N-8C3", "layers: '8N-8C3': no maps are left after a fully connected layer in "
                    "'8C3' at character 4");
    fails("8C3 -8N",
          "layers: '8C3 -8N': expected '-' after '8C3', not ' ' at character 4");
    fails("8C3-", "layers: '8C3-': nothing after the last '-' in '8C3' at character 1");
    fails("-8C3", "layers: '-8C3': expected nCk, DWk, MPk, APk, GAP, nN, B, Dp or OUT in "
                  "'' at character "
                  "1");
    fails("8C5v-MP2-8C5v-MP2-8C5v",
          "layers: '8C5v-MP2-8C5v-MP2-8C5v': '8C5v' at character 19 needs maps of 5x5 at "
          "least; here they are 4x4");
    /* Too low, too narrow: for windows, where (1 - 2) / 2 + 1 is 1 in C; for kernels. */
    static const struct {
        const char *layers;
        int h, w;
    } small[] = {
        {"MP2", 1, 8}, {"MP2", 8, 1}, {"AP9/2", 8, 9}, {"8C3v", 2, 8}, {"8C3v", 8, 2}};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        CHECK(parse(small[i].layers, small[i].h, small[i].w) == DN_ERROR);
        CHECK(strstr(error, " needs maps of ") != NULL);
    }
    char many[1600] = "D0";
    for (int i = 0; i < 512; i++) strcat(many, "-D0");
    CHECK(parse(many, 28, 28) == DN_ERROR);
    CHECK(strstr(error, "more than 512 layers") != NULL);
    CHECK(parse("X512[B]", 4, 4) == DN_OK && spec.n == 513);
    CHECK(dn_spec_parse(&spec, "", (dn_shape){0, 28, 1}, 10, NULL, error, sizeof error) ==
          DN_ERROR);
    CHECK_STR(error, "shape is 0x28x1; expected sides of 1..4096 and 1..4096 channels");
    CHECK(dn_spec_parse(&spec, "", (dn_shape){28, 28, 1}, 1, NULL, error, sizeof error) ==
          DN_ERROR);
    CHECK_STR(error, "1 classes; expected 2..65536");
    CHECK(dn_spec_parse(&spec, "", (dn_shape){28, 28, 1}, 65537, NULL, error,
                        sizeof error) == DN_ERROR);
    CHECK_STR(error, "65537 classes; expected 2..65536");
    static const dn_shape shapes[] = {
        {4097, 28, 1}, {28, 0, 1}, {28, 4097, 1}, {28, 28, 0}, {1, 1, 4097}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        CHECK(dn_spec_parse(&spec, "", shapes[i], 10, NULL, error, sizeof error) ==
              DN_ERROR);
        CHECK(strstr(error, "expected sides of 1..4096 and 1..4096 channels") != NULL);
    }
    static char longest[DN_MAX_TEXT + 1];
    memset(longest, '8', DN_MAX_TEXT);
    CHECK(parse(longest, 28, 28) == DN_ERROR);
    CHECK_STR(error, "layers: more than 65535 characters");
    longest[DN_MAX_NOTATION] = '\0';
    dn_options o;
    error[0] = '\0';
    CHECK(dn_options_default(&o, longest, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "layers: 2048 characters; expected at most 2047");
    longest[DN_MAX_NOTATION - 1] = '\0';
    CHECK(dn_options_default(&o, longest, error, sizeof error) == DN_OK);
}

/* A few bytes of notation ask for no more memory and time than one image is worth. */
static void test_limits(void) {
    CHECK(parse("8C1-D0", 1024, 1024) == DN_ERROR); /* by the output layer's weights */
    CHECK(strstr(error, "more than 2^26 weights") != NULL);
    CHECK(parse("8C1-D0-8C1-8C1-GAP", 1024, 1024) == DN_ERROR);
    CHECK_STR(error, "layers: '8C1-D0-8C1-8C1-GAP': more than 2^25 values an image in "
                     "'8C1' at character 12");
    CHECK(parse("8C1-8C1-MP64/64-GAP", 1024, 1024) == DN_OK);
    CHECK(parse("1C64-1C64-1C64-1C64-GAP", 1024, 1024) == DN_ERROR);
    CHECK_STR(error, "layers: '1C64-1C64-1C64-1C64-GAP': more than 2^34 multiply-adds an "
                     "image in 'GAP' at character 21");
    CHECK(parse("AP64/1-AP64/1-AP64/1-AP64/1-AP64/1-AP64/1-AP64/1-AP64/1", 1024, 1024) ==
          DN_ERROR);
    CHECK(strstr(error, "more than 2^34 multiply-adds") != NULL);
    CHECK(dn_spec_parse(&spec, "", (dn_shape){4096, 4096, 3}, 2, NULL, error,
                        sizeof error) == DN_ERROR);
    CHECK_STR(error, "shape is 4096x4096x3; expected sides of 1..4096 and 1..4096 "
                     "channels");
}

static void test_options(void) {
    dn_options o;
    CHECK(dn_options_default(&o, "CNN", error, sizeof error) == DN_OK);
    CHECK_STR(o.layers, "24C5v-MP2-32C3v-MP2-256N");
    CHECK(dn_options_check(&o, error, sizeof error) == DN_OK);
    static const char *const words[] = {"onecycle", "cosine", NULL};
    CHECK(dn_word_find(words, "Cosine") == 1 && dn_word_find(words, "onecycle") == 0);
    CHECK(dn_word_find(words, "cosin") == -1 && dn_word_find(words, "cosines") == -1);
    CHECK(dn_word_find(words, "") == -1 && dn_word_find(words, "[osine") == -1);
    for (int i = 1; i < DN_PRESETS; i++) {
        CHECK(dn_options_default(&o, dn_preset_name(i), error, sizeof error) == DN_OK);
        CHECK_STR(o.layers, dn_preset_layers(i));
        CHECK(dn_options_check(&o, error, sizeof error) == DN_OK);
        CHECK(parse(o.layers, 28, 28) == DN_OK);
    }
    CHECK(!dn_preset_name(0) && !dn_preset_name(DN_PRESETS) && !dn_preset_name(-1));
}

/* Every row of the table: a name of its own, a meaning, a field that no other row has,
 * and defaults within the range. */
static void test_table(void) {
    const dn_option *a, *b;
    for (int i = 0; (a = dn_option_at(i)); i++) {
        CHECK(a->name[0] && a->meaning[0] && a->offset < sizeof(dn_options));
        CHECK((a->type == DN_WORD) == (a->words != NULL));
        for (int k = 0; k < i; k++) {
            b = dn_option_at(k);
            CHECK(strcmp(a->name, b->name) != 0 && a->offset != b->offset);
        }
    }
    CHECK(!dn_option_at(-1));
}

/* set_number - puts a number into a field of dn_options; whether it can hold it. */
static int set_number(dn_options *o, const dn_option *option, double value) {
    void *at = (char *)o + option->offset;
    if (option->type == DN_REAL) {
        *(double *)at = value;
        return 1;
    }
    if (option->type == DN_INTEGER && value == floor(value)) {
        *(int *)at = (int)value;
        return 1;
    }
    return 0;
}

/* The ends of every range, and what lies just beyond. */
static void test_ranges(void) {
    const double nan = strtod("nan", NULL);
    const dn_option *option;
    dn_options o;
    for (int i = 0; (option = dn_option_at(i)); i++) {
        const double least = option->least, most = option->most;
        const double beyond = option->type == DN_INTEGER ? most + 1 : most * 1.01;
        const double values[] = {least, least + 1e-300, most, beyond, least - 1, nan};
        const int open = option->flags & DN_OPEN;
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            CHECK(dn_options_default(&o, "8N", error, sizeof error) == DN_OK);
            if (!set_number(&o, option, values[k])) continue;
            error[0] = '\0';
            const int taken = k == 0 ? !open : k <= 2;
            CHECK(dn_options_check(&o, error, sizeof error) ==
                  (taken ? DN_OK : DN_ERROR));
            char expected[256] = "";
            if (!taken)
                snprintf(expected, sizeof expected, "%s is %g; expected %s%g%s to %g",
                         option->name, values[k], open ? "above " : "", least,
                         open ? ", up" : "", most);
            CHECK_STR(error, expected);
        }
    }
    CHECK(dn_options_default(&o, "8N", error, sizeof error) == DN_OK);
    o.rate = 0;
    CHECK(dn_options_check(&o, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "rate is 0; expected above 0, up to 100");
    o.rate = 1;
    o.batch = 65537;
    CHECK(dn_options_check(&o, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "batch is 65537; expected 1 to 65536");
}

int main(void) {
    test_print();
    test_whole_maps();
    test_graphs();
    test_activations();
    test_meaning();
    test_errors();
    test_limits();
    test_options();
    test_table();
    test_ranges();
    return check_done("test_spec");
}
