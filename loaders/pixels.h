/* pixels.h - the normalised blob that all loaders give: float32, little-endian, 0..1. */
#ifndef LOADERS_PIXELS_H
#define LOADERS_PIXELS_H

#include <stddef.h>
#include "stop.h"

/* pixels_from_grey - n grey values as a normalised blob: k becomes the float nearest to
 * k/255, little-endian.
 *
 *   blob   [n · 4]   written; may not overlap grey
 *   grey   [n]
 *   stop   asked every 4 MB of blob; may be NULL
 *
 * 0 or LOAD_STOPPED. */
int pixels_from_grey(unsigned char *blob, const unsigned char *grey, size_t n,
                     const load_stop *stop);

void pixels_put(unsigned char *blob, float value);
void pixels_put_grey(unsigned char *blob, unsigned char grey);

#endif
