/* pixels.c - grey values as normalised blobs: see pixels.h. */
#include <stdint.h>
#include <string.h>
#include "pixels.h"

#define PIXELS_A_TIME ((size_t)1 << 20)

void pixels_put(unsigned char *blob, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    blob[0] = (unsigned char)bits;
    blob[1] = (unsigned char)(bits >> 8);
    blob[2] = (unsigned char)(bits >> 16);
    blob[3] = (unsigned char)(bits >> 24);
}

/* k/255 for every byte: a look-up is several times faster than a division. */
#define SHADE1(k)  ((float)(k) / 255.0f)
#define SHADE4(k)  SHADE1(k), SHADE1((k) + 1), SHADE1((k) + 2), SHADE1((k) + 3)
#define SHADE16(k) SHADE4(k), SHADE4((k) + 4), SHADE4((k) + 8), SHADE4((k) + 12)
#define SHADE64(k) SHADE16(k), SHADE16((k) + 16), SHADE16((k) + 32), SHADE16((k) + 48)
static const float shade[256] = {SHADE64(0), SHADE64(64), SHADE64(128), SHADE64(192)};

int pixels_from_grey(unsigned char *blob, const unsigned char *grey, size_t n,
                     const load_stop *stop) {
    for (size_t i = 0, until = 0; i < n;) {
        if (i && load_stopped(stop)) return LOAD_STOPPED;
        until += n - i < PIXELS_A_TIME ? n - i : PIXELS_A_TIME;
        for (; i < until; i++) pixels_put(blob + 4 * i, shade[grey[i]]);
    }
    return 0;
}

void pixels_put_grey(unsigned char *blob, unsigned char grey) {
    pixels_put(blob, shade[grey]);
}
