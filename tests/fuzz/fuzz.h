/* fuzz.h - what the fuzz targets share.
 *
 * tests/fuzz/fuzz_NAME.c takes bytes and does with them what the library does with such
 * bytes from outside. It is linked with libFuzzer, which makes up inputs (make fuzz), or
 * with replay.c, which runs the seeds and the inputs that once found a bug (make test).
 * An input's first bytes say how the others are used: as they are, or with what would
 * stop every one that is made up (checksums) put right.
 *
 * A target touches no file but those it makes in memory, and keeps nothing from one input
 * to the next that could change what the next one does. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A target is these two. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* fuzz_seed - writes an input to begin with, number i = 0, 1, …, and returns its size; 0
 * if there are no more. */
#define FUZZ_SEED_SIZE 8192
size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]);

/* A target may also have one of its own, which changes an input into another one, for
 * formats that libFuzzer's changes seldom leave whole: at most room bytes, by the
 * seed. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed)
    __attribute__((weak));

/* libFuzzer's own changes; not there in replay.c. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room) __attribute__((weak));

/* What must hold whatever the input is. */
#define FUZZ_CHECK(condition)                                                            \
    ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))

static inline void fuzz_failed(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    abort();
}

/* --- an input, taken from its front; zeros after its end ---------------------------- */

typedef struct fuzz_input {
    const uint8_t *at;
    size_t left;
} fuzz_input;

static inline unsigned fuzz_byte(fuzz_input *in) {
    if (!in->left) return 0;
    in->left--;
    return *in->at++;
}

/* fuzz_below - 0 … n-1, from one byte; n is 256 at most. */
static inline int fuzz_below(fuzz_input *in, int n) { return (int)fuzz_byte(in) % n; }

static inline unsigned fuzz_pair(fuzz_input *in) {
    const unsigned low = fuzz_byte(in);
    return low | fuzz_byte(in) << 8;
}

static inline uint32_t fuzz_word(fuzz_input *in) {
    uint32_t word = 0;
    for (int i = 0; i < 4; i++) word = word << 8 | fuzz_byte(in);
    return word;
}

/* fuzz_copy - n bytes, malloc'd at just that size so that a sanitizer sees the byte
 * after;
 * what the input does not have is 0. free() it. */
static inline uint8_t *fuzz_copy(fuzz_input *in, size_t n) {
    uint8_t *copy = malloc(n ? n : 1);
    const size_t there = n < in->left ? n : in->left;
    if (!copy) abort();
    if (there) memcpy(copy, in->at, there);
    memset(copy + there, 0, n - there);
    in->at += there;
    in->left -= there;
    return copy;
}

/* --- numbers in bytes --------------------------------------------------------------- */

static inline void fuzz_put_le(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> 8 * i);
}

static inline void fuzz_put_be(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (24 - 8 * i));
}

#endif
