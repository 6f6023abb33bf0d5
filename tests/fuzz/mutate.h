/* mutate.h - changes to a protobuf message that keep it one: for files whose every byte
 * counts the bytes after it, so that flips of single bytes get no further than the first.
 *
 *     pb_writer out = {.heap = dn_heap_of(NULL)};
 *     mutate_message(&out, bytes, seed);        // out.p: another message; free() it
 *
 * A field of it, or of a message in it, is dropped, doubled, moved, exchanged for another
 * one of the message, or given other contents: numbers from the edges of their types,
 * NaN, infinities and denormals among floats, a name that stands elsewhere in the file.
 * Lengths are put right. */
#ifndef MUTATE_H
#define MUTATE_H

#include "../../core/memory.h"
#include "../../core/onnx/protobuf.h"
#include "fuzz.h"

#define MUTATE_FIELDS 512 /* of a message with more, the rest stays as it is */
#define MUTATE_NAMES  64
#define MUTATE_DEPTH  7

typedef struct mutator {
    uint64_t random;
    pb_bytes names[MUTATE_NAMES]; /* short texts of the file */
    int n_names;
} mutator;

/* below - 0 … n − 1 (Marsaglia's xorshift). */
static uint32_t mutate_below(mutator *m, uint32_t n) {
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (uint32_t)(m->random >> 24) % n;
}

/* mutate_fields - takes a message apart: how many fields, or −1 if it is none. */
static int mutate_fields(pb_field fields[MUTATE_FIELDS], pb_bytes bytes,
                         pb_reader *rest) {
    int n = 0, more = 1;
    *rest = dn_pb_reader(bytes);
    while (n < MUTATE_FIELDS && (more = dn_pb_next(rest, &fields[n])) > 0) n++;
    return more < 0 ? -1 : n;
}

static int mutate_is_text(pb_bytes bytes) {
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.p[i] < 32 || bytes.p[i] > 126) return 0;
    return bytes.size > 0 && bytes.size < 24;
}

static void mutate_collect(mutator *m, pb_bytes bytes, int depth) {
    pb_reader reader = dn_pb_reader(bytes);
    pb_field f;
    while (depth < MUTATE_DEPTH && dn_pb_next(&reader, &f) > 0) {
        if (f.wire != PB_BYTES) continue;
        if (mutate_is_text(f.bytes)) {
            const int n = m->n_names++ % MUTATE_NAMES;
            m->names[n] = f.bytes;
        } else {
            mutate_collect(m, f.bytes, depth + 1);
        }
    }
    if (depth == 0 && m->n_names > MUTATE_NAMES) m->n_names = MUTATE_NAMES;
}

/* --- numbers ------------------------------------------------------------------------ */

static uint64_t mutate_integer(mutator *m, uint64_t value) {
    static const uint64_t edges[] = {
        0,          1,          2,          3,          7,          8,
        9,          10,         11,         13,         63,         64,
        4096,       65536,      1u << 26,   0x7fffffff, 0x80000000, 0xffffffff,
        1ull << 40, 1ull << 62, 1ull << 63, ~0ull,      ~1ull};
    const int n = (int)(sizeof edges / sizeof *edges);
    if (mutate_below(m, 3) == 0) return value + mutate_below(m, 5) - 2;
    return edges[mutate_below(m, (uint32_t)n)];
}

/* Bits of a float that is rare. */
static uint32_t mutate_float(mutator *m) {
    static const uint32_t rare[] = {
        0x7fc00000, 0xffc00000, 0x7f800000, 0xff800000, /* NaN, infinities */
        0x00000001, 0x807fffff, 0x00800000,             /* denormals, the least normal */
        0x7f7fffff, 0xff7fffff, 0x7e967699, 0x80000000, /* the largest, 1e38, −0 */
        0x3f800000, 0xbf800000, 0x00000000, 0x42c80000};
    return rare[mutate_below(m, sizeof rare / sizeof *rare)];
}

static uint64_t mutate_double(mutator *m) {
    static const uint64_t rare[] = {
        0x7ff8ull << 48, 0x7ff0ull << 48, 0xfff0ull << 48, 1,
        0x7fefull << 48, 0x8000ull << 48, 0x3ff0ull << 48, 0x47f0ull << 48};
    return rare[mutate_below(m, sizeof rare / sizeof *rare)];
}

/* --- bytes -------------------------------------------------------------------------- */

/* mutate_bytes - bytes that are no message: numbers, or text. */
static void mutate_bytes(mutator *m, pb_writer *out, uint32_t number, pb_bytes bytes) {
    static const uint16_t halves[] = {0x7e00, 0x7c00, 0xfc00, 1, 0x03ff, 0x7bff, 0x8000};
    if (m->n_names && mutate_is_text(bytes) && mutate_below(m, 8)) {
        const pb_bytes name = m->names[mutate_below(m, (uint32_t)m->n_names)];
        dn_pb_put_bytes(out, number, name.p, name.size);
        return;
    }
    const size_t size = mutate_below(m, 6) ? bytes.size
                                           : mutate_below(m, (uint32_t)bytes.size + 9);
    uint8_t *p = dn_pb_put_room(out, number, size);
    if (!p || size == 0) return;
    memset(p, 0, size);
    if (bytes.size) memcpy(p, bytes.p, size < bytes.size ? size : bytes.size);
    const size_t at = mutate_below(m, (uint32_t)size);
    uint64_t bits;
    switch (mutate_below(m, 4)) {
    case 0:
        if (size >= 4) fuzz_put_le(p + (at & ~(size_t)3) % (size - 3), mutate_float(m));
        break;
    case 1:
        if (size < 8) break;
        bits = mutate_double(m);
        fuzz_put_le(p + (at & ~(size_t)7) % (size - 7), (uint32_t)bits);
        fuzz_put_le(p + (at & ~(size_t)7) % (size - 7) + 4, (uint32_t)(bits >> 32));
        break;
    case 2:
        if (size < 2) break;
        bits = halves[mutate_below(m, sizeof halves / sizeof *halves)];
        p[(at & ~(size_t)1) % (size - 1)] = (uint8_t)bits;
        p[(at & ~(size_t)1) % (size - 1) + 1] = (uint8_t)(bits >> 8);
        break;
    default: p[at] = (uint8_t)mutate_below(m, 256);
    }
}

/* --- fields ------------------------------------------------------------------------- */

static void mutate_put(pb_writer *out, const pb_field *f) {
    const size_t start = out->size, n = f->wire == PB_FIXED32 ? 4 : 8;
    if (f->wire == PB_VARINT) {
        dn_pb_put_int(out, f->number, (int64_t)f->value);
    } else if (f->wire == PB_BYTES) {
        dn_pb_put_bytes(out, f->number, f->bytes.p, f->bytes.size);
    } else {
        /* Bytes, and their length, which takes one more, become the number. */
        uint8_t *p = dn_pb_put_room(out, f->number, n - 1);
        if (!p) return;
        out->p[start] ^= (uint8_t)((int)PB_BYTES ^ (int)f->wire);
        for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i - 1] = (uint8_t)(f->value >> 8 * i);
    }
}

static void mutate_into(mutator *m, pb_writer *out, pb_bytes bytes, int depth);

/* mutate_contents - the field with other contents. */
static void mutate_contents(mutator *m, pb_writer *out, pb_field f, int depth) {
    if (f.wire == PB_VARINT) f.value = mutate_integer(m, f.value);
    if (f.wire == PB_FIXED32) f.value = mutate_float(m);
    if (f.wire == PB_FIXED64) f.value = mutate_double(m);
    if (f.wire != PB_BYTES) {
        mutate_put(out, &f);
        return;
    }
    pb_reader r = dn_pb_reader(f.bytes);
    pb_field first;
    if (depth < MUTATE_DEPTH && !mutate_is_text(f.bytes) && dn_pb_next(&r, &first) > 0) {
        const size_t start = dn_pb_open(out, f.number);
        mutate_into(m, out, f.bytes, depth + 1);
        dn_pb_close(out, start);
    } else {
        mutate_bytes(m, out, f.number, f.bytes);
    }
}

/* mutate_into - writes a message's fields with one of them changed. */
static void mutate_into(mutator *m, pb_writer *out, pb_bytes bytes, int depth) {
    pb_field *fields = malloc(MUTATE_FIELDS * sizeof *fields);
    pb_reader rest;
    if (!fields) abort();
    const int n = mutate_fields(fields, bytes, &rest);
    const int chosen = n > 0 ? (int)mutate_below(m, (uint32_t)n) : 0;
    const int other = n > 0 ? (int)mutate_below(m, (uint32_t)n) : 0;
    const uint32_t what = mutate_below(m, 16);
    for (int i = 0; i < n; i++) {
        pb_field f = fields[i];
        if (what == 1 && (i == chosen || i == other)) /* the two change places */
            f = fields[i == chosen ? other : chosen];
        if (i != chosen || what == 1) {
            mutate_put(out, &f);
            continue;
        }
        if (what == 0) continue; /* dropped */
        if (what == 2) mutate_put(out, &fields[other]);
        if (what == 3) f.number = 1 + mutate_below(m, 20);
        for (uint32_t k = what == 4 ? mutate_below(m, 4) : 0; k > 0; k--)
            mutate_put(out, &f);
        if (what >= 2 && what <= 4)
            mutate_put(out, &f);
        else
            mutate_contents(m, out, f, depth);
    }
    if (n <= 0)
        mutate_put(out, &(pb_field){1 + mutate_below(m, 14), PB_VARINT, 1, {0, 0}});
    free(fields);
}

/* mutate_message - one to four such changes, the seed says which. */
static void mutate_message(pb_writer *out, pb_bytes bytes, uint32_t seed) {
    mutator m = {.random = 0x9e3779b97f4a7c15u * (seed + 1ull)};
    mutate_collect(&m, bytes, 0);
    mutate_into(&m, out, bytes, 0);
    for (uint32_t more = mutate_below(&m, 4); more > 0; more--) {
        pb_writer next = {.heap = out->heap};
        mutator again = {.random = m.random};
        mutate_collect(&again, (pb_bytes){out->p, out->size}, 0);
        mutate_into(&again, &next, (pb_bytes){out->p, out->size}, 0);
        m.random = again.random;
        free(out->p);
        *out = next;
    }
    if (out->failed) abort();
}

#endif
