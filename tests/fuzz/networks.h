/* networks.h - for the targets that run networks: small ones, made from bytes. */
#ifndef FUZZ_NETWORKS_H
#define FUZZ_NETWORKS_H

#include "../../core/dn.h"
#include "../../core/spec.h"
#include "fuzz.h"

/* fuzz_group - what stands before or behind a layer: a group's parts, most of them so
 * that they fit. depth: groups that are open. Returns how many are then. */
static inline int fuzz_group(char **at, const char *end, int depth, int before,
                             fuzz_input *in) {
    static const char *const opens[8] = {"(",   "(|",  "()+-", "(|)&-",
                                         "X2[", "@0-", "()*-", ""};
    static const char *const closes[8] = {")+",    ")&", "|)+i", "|)&s",
                                          "|@0)&", ")*", "]",    ""};
    const int k = fuzz_below(in, 8);
    const char *text = before ? opens[k] : depth > 0 ? closes[k] : "";
    *at += snprintf(*at, (size_t)(end - *at), "%s", text);
    return depth + (before ? k < 2 || k == 4 : depth > 0 && k < 7 ? -1 : 0);
}

/* fuzz_notation - up to six layers, a byte or two each, nearly always right; at times in
 * groups. */
static inline void fuzz_notation(char out[DN_MAX_NOTATION], fuzz_input *in) {
    static const char *const ends[8] = {"", "v", "b", "vb", "/2", "g1b", "p0/2", "/3"};
    static const char *const curves[12] = {"",  "i",  "s",     "t", "l0.2", "e",
                                           "g", "r6", "c-1:1", "d", "h",    "w"};
    char *at = out;
    const int n = fuzz_below(in, 7);
    int vector = 0, depth = 0;
    const int groups = n > 3 && fuzz_below(in, 4) == 0;
    *at = 0;
    for (int i = 0; i < n; i++) {
        const int kind = fuzz_below(in, 8), size = fuzz_below(in, 256);
        size_t room;
        int k = kind;
        if (vector && k < 6) k = 6;
        if (at > out) *at++ = '-';
        if (groups) depth = fuzz_group(&at, out + DN_MAX_NOTATION, depth, 1, in);
        room = DN_MAX_NOTATION - (size_t)(at - out);
        if (k < 3)
            at += snprintf(at, room, "%dC%d%s%s", 1 + size % 20, 1 + size / 20 % 5,
                           ends[fuzz_below(in, 8)], curves[fuzz_below(in, 64) % 12]);
        else if (k == 3)
            at += snprintf(at, room, "MP%d/%d%s", 1 + size % 4, 1 + size / 4 % 3,
                           size & 64 && size % 4 ? "p1" : "");
        else if (k == 4)
            at += snprintf(at, room, "AP%d/%d%s", 1 + size % 4, 1 + size / 4 % 3,
                           !(size & 64) || size % 4 == 0 ? ""
                           : size & 32                   ? "p1"
                                                         : "z1");
        else if (k == 5)
            at += snprintf(at, room, "%s",
                           size % 4 == 0   ? "GAP"
                           : size % 4 == 1 ? "MP2"
                           : size % 4 == 2 ? "Bs"
                                           : "DW3b");
        else if (k == 6)
            at += snprintf(at, room, "%dN%s%s", 1 + size % 40, size & 128 ? "b" : "",
                           curves[size % 12]);
        else
            at += snprintf(at, room, "D0.%d", size % 10);
        vector |= k == 6;
        if (groups) depth = fuzz_group(&at, out + DN_MAX_NOTATION, depth, 0, in);
    }
    while (depth-- > 0) at += snprintf(at, 8, ")+i");
}

/* fuzz_shape - sides of 1..12, 1..3 channels. */
static inline dn_shape fuzz_shape(fuzz_input *in) {
    dn_shape shape;
    shape.h = 1 + fuzz_below(in, 12);
    shape.w = 1 + fuzz_below(in, 12);
    shape.c = 1 + fuzz_below(in, 3);
    return shape;
}

/* fuzz_is_quick - whether a network is so small that a run takes no time. */
static inline int fuzz_is_quick(const dn_spec *spec) {
    int64_t values = (int64_t)spec->shape.h * spec->shape.w * spec->shape.c, work = 0;
    if (spec->parameters > 40000) return 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        values += (int64_t)l->out.h * l->out.w * l->out.c;
        work += l->cost;
    }
    return values < 40000 && work < 1000000;
}

/* Which kernels whatever is made from now on has: 0 portable, 1 AVX2, 2 AVX-512, or the
 * best there are instead. */
static inline void fuzz_kernels(int i) {
    static const char *const names[3] = {"portable", "avx2", "avx512"};
    setenv("DIGITNET_ISA", names[i], 1);
}

#endif
