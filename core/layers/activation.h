/* activation.h - how the notation says what a layer does at its end (../activation.h):
 *
 *     32C3      ReLU, where nothing is said      i         identity
 *     s  t      sigmoid, tanh                    w h m     swish, hard swish, mish
 *     l  l0.2   leaky ReLU, 0.01 or 0.2          g         GELU
 *     e  e0.5   ELU, alpha 1 or 0.5              e1.7:1.1  alpha and beta: SELU
 *     r6 6      ReLU6, '6' behind a letter       c-1:1     between -1 and 1
 *     d  d.2:.5 hard sigmoid: u/6 + 1/2, or 0.2·u + 0.5, within 0 … 1
 *     q         GELU's form with tanh            r         ReLU, where another is usual
 *     f  o      softplus, softsign               u  u0.5   u if it is above 1 or 0.5
 *
 * It is the last of what stands behind a layer. A number that few decimals cannot say is
 * written as the eight hexadecimal digits of its float32 after '#': e#3fd63840. */
#ifndef DN_LAYERS_ACTIVATION_H
#define DN_LAYERS_ACTIVATION_H

#include "notation.h"

/* dn_parse_activation - reads one, if it stands here, into activation, alpha and beta;
 * the parser then knows that the notation is newer than version 0.1. DN_OK, or DN_ERROR
 * and a sentence. */
int dn_parse_activation(dn_parser *p, dn_layer *l);

/* dn_activation_letters - "i linear, r ReLU, …", for an error. */
#define DN_ACTIVATION_LETTERS 256
void dn_activation_letters(char text[DN_ACTIVATION_LETTERS]);

/* dn_print_activation - its notation, at most DN_ACTIVATION_TEXT bytes; "" where it is
 * the usual one. */
#define DN_ACTIVATION_TEXT 28
void dn_print_activation(char *text, const dn_layer *l, dn_activation usual);

/* dn_activation_cost - multiply-adds that one value takes as long as; backward: its
 * slope. */
int dn_activation_cost(dn_activation activation, int backward);

#endif
