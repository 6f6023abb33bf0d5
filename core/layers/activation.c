/* activation.c - see activation.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "activation.h"

/* alpha, beta: where nothing is said. */
static const struct word {
    char letter;
    const char *name;
    int numbers; /* that may follow */
    float alpha, beta;
    int forward, backward; /* cost */
} words[DN_ACTIVATIONS] = {
    [DN_LINEAR] = {'i', "linear", 0, 0, 0, 0, 1},
    [DN_RELU] = {'r', "ReLU", 0, 0, 0, 0, 1},
    [DN_SIGMOID] = {'s', "sigmoid", 0, 0, 0, 40, 48},
    [DN_TANH] = {'t', "tanh", 0, 0, 0, 40, 48},
    [DN_LEAKY] = {'l', "leaky ReLU", 1, 0.01f, 0, 4, 8},
    [DN_ELU] = {'e', "ELU", 2, 1, 1, 48, 40},
    [DN_GELU] = {'g', "GELU", 0, 0, 0, 48, 80},
    [DN_CLIP] = {'c', "clip", 2, 0, 6, 4, 8},
    [DN_HARD_SIGMOID] = {'d', "hard sigmoid", 2, 1.0f / 6.0f, 0.5f, 4, 8},
    [DN_HARD_SWISH] = {'h', "hard swish", 0, 0, 0, 4, 8},
    [DN_SWISH] = {'w', "swish (SiLU)", 0, 0, 0, 40, 48},
    [DN_MISH] = {'m', "mish", 0, 0, 0, 40, 80},
    [DN_QUICK_GELU] = {'q', "quick GELU", 0, 0, 0, 48, 64},
    [DN_SOFTPLUS] = {'f', "softplus", 0, 0, 0, 56, 40},
    [DN_SOFTSIGN] = {'o', "softsign", 0, 0, 0, 8, 12},
    [DN_THRESHOLD] = {'u', "ReLU above a threshold", 1, 1, 0, 4, 8},
};

/* --- reading ------------------------------------------------------------------------ */

/* The numbers of an activation, as many as stand here. */
static int parse_numbers(dn_parser *p, dn_layer *l, int most) {
    static const char what[] = "the activation's parameter is not a number";
    /* A '-' belongs to the next layer, but after "c", which must have numbers. */
    if (most < 1 || (l->activation != DN_CLIP && !dn_starts_real(p))) return DN_OK;
    if (!dn_parse_real(p, &l->alpha)) return dn_parse_fail(p, what);
    if (most < 2 || *p->at != ':') return DN_OK;
    p->at++;
    return dn_parse_real(p, &l->beta) ? DN_OK : dn_parse_fail(p, what);
}

/* "r6", and "6" behind a letter. */
static int parse_relu6(dn_parser *p) {
    const char *at = p->at;
    if (*at == 'r' || *at == 'R') at++;
    if (*at != '6') return 0;
    p->at = at + 1;
    return 1;
}

int dn_parse_activation(dn_parser *p, dn_layer *l) {
    p->curve = p->at;
    const int relu6 = parse_relu6(p);
    int is = relu6 ? DN_CLIP : DN_LINEAR;
    while (!relu6 && is < DN_ACTIVATIONS &&
           !dn_parse_letter(p, (char)(words[is].letter - 'a' + 'A')))
        is++;
    if (is == DN_ACTIVATIONS) return DN_OK;
    p->newer = 1;
    l->activation = (dn_activation)is;
    l->alpha = words[is].alpha;
    l->beta = words[is].beta;
    return relu6 ? DN_OK : parse_numbers(p, l, words[is].numbers);
}

void dn_activation_letters(char text[DN_ACTIVATION_LETTERS]) {
    size_t n = 0;
    for (int k = 0; k < DN_ACTIVATIONS && n < DN_ACTIVATION_LETTERS; k++)
        n += (size_t)snprintf(text + n, DN_ACTIVATION_LETTERS - n, "%s%c %s",
                              k ? ", " : "", words[k].letter, words[k].name);
}

/* --- printing ----------------------------------------------------------------------- */

static int same(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

void dn_print_activation(char *text, const dn_layer *l, dn_activation usual) {
    const struct word *word = &words[l->activation];
    text[0] = '\0';
    if (l->activation == usual) return;
    if (l->activation == DN_CLIP && same(l->alpha, 0) && same(l->beta, 6)) {
        memcpy(text, "r6", 3);
        return;
    }
    char *at = text;
    *at++ = word->letter;
    *at = '\0';
    if (word->numbers < 1 || (same(l->alpha, word->alpha) && same(l->beta, word->beta)))
        return;
    at += l->alpha < 0 && l->activation != DN_CLIP ? dn_print_bits(at, l->alpha)
                                                   : dn_print_real(at, l->alpha);
    if (word->numbers < 2 || (l->activation == DN_ELU && same(l->beta, word->beta)))
        return;
    *at++ = ':';
    dn_print_real(at, l->beta);
}

int dn_activation_cost(dn_activation activation, int backward) {
    return backward ? words[activation].backward : words[activation].forward;
}
