/* synth.h - handwriting-like digits drawn by code: a data set that needs no download.
 *
 *     unsigned char image[SYNTH_PIXELS];
 *     for (uint64_t id = 0; id < 1000; id++) {
 *         synth_digit(image, SYNTH_PEN, 1, id);         // 28 × 28, ink is bright
 *         learn(image, synth_label(SYNTH_PEN, id));
 *     }
 *
 * The pictures have MNIST's form: the digit fits 20×20 pixels with its aspect kept and
 * lies in 28×28 with its centre of mass in the middle. */
#ifndef SYNTH_H
#define SYNTH_H

#include <stdint.h>

#define SYNTH_SIZE   28
#define SYNTH_PIXELS (SYNTH_SIZE * SYNTH_SIZE)

typedef enum {
    SYNTH_PEN,   /* as MNIST's writers write: 1s are mostly a bare stroke */
    SYNTH_WORLD, /* as people elsewhere write too: 1s with flag and foot, 7s with a bar,
                       slashed 0s, open and closed 4s, boxy forms; thick and thin pens,
                       mice, soft, pale and enlarged pictures */
    SYNTH_PRINT, /* like type: round and flat pens, upright and italic, thin to black */
    SYNTH_SEGMENTS, /* like displays of seven segments */
    SYNTH_NONE,     /* no digits: letters and signs, scribbles, several digits, blots */
    SYNTH_MOUSE, /* as with a mouse or a finger: thin lines of one width, angular, shaky;
                       rings that stay open, ends too long or too short */
    SYNTH_DISPLAYS, /* displays of many makes: segments with square, pointed and round
                       ends, joined and apart, dots, lights that are off seen faintly */
    SYNTH_CURSIVE,  /* in one go, as letters are: loops that cross, strokes that lead in
                       and out */
    SYNTH_CUT,    /* cut out of a number: parts of the neighbours remain, little parts of
                       the digit may be missing */
    SYNTH_MISCUT, /* no digits: cut at wrong places, much of two digits in one */
    SYNTH_STYLES  /* how many there are */
} synth_style;

/* synth_style_name - 'pen', 'world', 'print', 'segments', 'none', 'mouse',
 * 'displays', 'cursive', 'cut', 'miscut'. */
const char *synth_style_name(synth_style style);

/* synth_label - which digit picture number id shows: id mod 10, so that any run of rows
 * holds as many of each; −1 in the styles of no digits. */
int synth_label(synth_style style, uint64_t id);

/* synth_digit - draws picture number id of the set that style and seed name.
 *
 *   image   [28][28]   written: 0 is paper, 255 full ink
 *
 * A function of (style, seed, id) alone, the same bit for bit on every machine: it uses
 * the generator's integers and the +, -, ×, ÷ and square root of IEEE 754 doubles, which
 * have one right answer each. Pictures can be drawn in any order. Cannot fail. */
void synth_digit(unsigned char image[SYNTH_PIXELS], synth_style style, uint64_t seed,
                 uint64_t id);

#endif
