/* extras.h - what model bytes may hold besides what version 0.1 wrote: optional sections.
 *
 *     dn_extras extras = {.picture = 2};
 *     uint8_t *end = dn_extras_put(p, &extras);     // dn_extras_size(&extras) bytes
 *     …
 *     dn_extras read;
 *     const char *why = dn_extras_get(&read, p, (size_t)(end - p));   // NULL: all well
 *
 * They lie between the labels and the layers' numbers, and only if there are some: then
 * DN_FORMAT_EXTRAS is added to the format version. A model that needs none has the bytes
 * that version 0.1 gave it.
 *
 *     offset  bytes  little-endian throughout
 *     0       4      bytes of all sections that follow, a multiple of 4
 *     …              each section: its tag, four letters; the length of what it holds, 4
 *                    bytes; then that, filled up to 4 bytes with 0
 *
 * A section is one row of the table in extras.c and a field here. A version that does not
 * know a tag refuses the model: what it stands for may change every prediction. */
#ifndef DN_EXTRAS_H
#define DN_EXTRAS_H

#include <stddef.h>
#include <stdint.h>

#define DN_FORMAT_EXTRAS 0x100

/* Zeros where nothing is said. */
typedef struct dn_extras {
    int picture; /* "PICT", 0..255: how the host makes images of pictures; 0: as it likes.
                    Core only keeps it */
} dn_extras;

/* dn_extras_size - bytes that dn_extras_put writes, a multiple of 4; 0: nothing is to be
 * said. */
size_t dn_extras_size(const dn_extras *extras);

/* dn_extras_put - writes them; returns their end. */
uint8_t *dn_extras_put(uint8_t *p, const dn_extras *extras);

/* dn_extras_get - reads all of them: the n bytes that their beginning tells of. NULL, or
 * what is wrong with them. */
const char *dn_extras_get(dn_extras *extras, const uint8_t *p, size_t n);

#endif
