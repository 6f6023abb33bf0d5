/* synth.h - handwriting-like digits drawn by code: a data set that needs no download.
 *
 *     unsigned char image[SYNTH_PIXELS];
 *     for (uint64_t id = 0; id < 1000; id++) {
 *         synth_digit(image, 1, id);                    // 28 × 28, ink is bright
 *         learn(image, synth_label(id));
 *     }
 *
 * The pictures have MNIST's form: the digit fits 20×20 pixels with its aspect kept and
 * lies in 28×28 with its centre of mass in the middle. */
#ifndef SYNTH_H
#define SYNTH_H

#include <stdint.h>

#define SYNTH_SIZE   28
#define SYNTH_PIXELS (SYNTH_SIZE * SYNTH_SIZE)

/* synth_label - which digit picture number id shows: id mod 10, so that any run of rows
 * holds as many of each. */
int synth_label(uint64_t id);

/* synth_digit - draws picture number id of the set that seed names.
 *
 *   image   [28][28]   written: 0 is paper, 255 full ink
 *
 * A function of (seed, id) alone, the same bit for bit on every machine: it uses the
 * generator's integers and the +, -, ×, ÷ and square root of IEEE 754 doubles, which have
 * one right answer each. Pictures can be drawn in any order. Cannot fail. */
void synth_digit(unsigned char image[SYNTH_PIXELS], uint64_t seed, uint64_t id);

#endif
