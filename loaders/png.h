/* png.h - PNG files in memory: read to grey values or colours, and written from either.
 *
 *     png_picture picture;
 *     if (png_decode(&picture, bytes, size, NULL, error, sizeof error) == PNG_OK) …
 *     png_picture_free(&picture);
 *
 * Reads every colour type, depth, palette, transparency and interlacing of the format, up
 * to the limits below, and what is damaged or wrong wherever libpng reads it with a
 * warning: a checksum of a chunk that is no pixels', bytes behind the compressed data, a
 * palette in a greyscale picture, an end without IEND. Colours become grey by Rec. 709's
 * weights on the values as they stand (sRGB, no gamma). The picture is turned as its eXIf
 * says.
 *
 * A hostile file costs time in proportion to its bytes and to what it claims (within the
 * limits below): header, lengths of chunks, and whether the data can be so many pixels
 * are checked before anything is allocated; planes are touched row by row as the data are
 * unpacked, and unpacking ends at the first row that is wrong. What a file says beside
 * its pixels (text, profiles, dates, …) is never unpacked. What follows the last row is
 * not looked at, except an eXIf.
 *
 * Fallible functions return a status and, if it is not PNG_OK, put one sentence that
 * begins with "PNG: " into error. They ask stop, where they have one, every few
 * milliseconds.
 * (libpng's own header is another: this one does not need it.) */
#ifndef LOADERS_PNG_H
#define LOADERS_PNG_H

#include <stddef.h>
#include <stdint.h>
#include "stop.h"

enum { PNG_OK = 0, PNG_ERROR = 1, PNG_NOMEM = 2, PNG_STOPPED = LOAD_STOPPED };

/* Limits. Rows as they are stored, before libpng widens or narrows their samples, may
 * take as much as those of 4096×4096 pixels of 8-bit RGB. */
#define PNG_MAX_SIDE  4096 /* pixels of width and of height */
#define PNG_MAX_RAW   ((size_t)50335744)
#define PNG_MAX_FILE  ((size_t)128 << 20)
#define PNG_MAX_SCALE 64 /* of png_encode */

typedef struct png_picture {
    int width, height;
    unsigned char *grey;  /* [height][width] 0 black .. 255 white; NULL: deep */
    uint16_t *deep;       /* the same, 0 .. 65535, of a file with 16 bits a sample */
    unsigned char *rgb;   /* [height][width][3]: png_decode_rgb of a file with colours */
    unsigned char *alpha; /* [height][width] 0 clear .. 255 opaque; NULL: all opaque */
    int coloured;         /* whether some pixel is not grey */
} png_picture; /* Of 16 bits of which only the lowest 8, 9, … count, they are spread. */

/* png_has_signature - whether bytes begin as every PNG does. */
int png_has_signature(const void *bytes, size_t size);

/* png_check_head - the signature and the header chunk alone: PNG_OK or PNG_ERROR. For who
 * has yet to read the rest of a file. */
#define PNG_HEAD 33 /* bytes of the two */
int png_check_head(const void *bytes, size_t size, char *error, size_t error_size);

/* png_size - what png_decode's picture will be, by the file's header and its eXIf alone.
 *
 *   channels   3 where the file is made for colours, and its palette has some; else 1
 *
 * PNG_OK or PNG_ERROR. */
int png_size(int *height, int *width, int *channels, const void *bytes, size_t size,
             char *error, size_t error_size);

/* png_decode - reads a file; *out is to be freed, and needs no freeing after an error. */
int png_decode(png_picture *out, const void *bytes, size_t size, const load_stop *stop,
               char *error, size_t error_size);

/* png_decode_rgb - the same with the colours kept, 8 bits each: what it gives is rgb, of
 * a file without colours grey, never deep. */
int png_decode_rgb(png_picture *out, const void *bytes, size_t size,
                   const load_stop *stop, char *error, size_t error_size);

/* png_decode_all - all that a file tells: rgb, of a file without colours grey; with 16
 * bits a sample deep, which is never coloured. */
int png_decode_all(png_picture *out, const void *bytes, size_t size,
                   const load_stop *stop, char *error, size_t error_size);

/* png_picture_free - frees the planes; a picture of zeros is allowed. */
void png_picture_free(png_picture *picture);

/* png_encode - writes a greyscale PNG: 1, 2, 4 or 8 bits a pixel, the fewest that hold
 * its values exactly. The same pixels give the same bytes, as long as libpng and zlib do.
 *
 *   out     malloc'd: free() it; NULL after an error
 *   grey    [height][width]
 *   scale   1..PNG_MAX_SCALE: every pixel becomes a square of that side; scaled width and
 *           height are PNG_MAX_SIDE at most */
int png_encode(unsigned char **out, size_t *out_size, const unsigned char *grey,
               int width, int height, int scale, const load_stop *stop, char *error,
               size_t error_size);

/* png_encode_rgb - writes a truecolour PNG, 8 bits a sample.
 *
 *   rgb   [height][width][3] red, green, blue
 *
 * The rest is png_encode's. */
int png_encode_rgb(unsigned char **out, size_t *out_size, const unsigned char *rgb,
                   int width, int height, int scale, const load_stop *stop, char *error,
                   size_t error_size);

/* png_encode_palette - writes a PNG of up to 256 colours: 1, 2, 4 or 8 bits a pixel. Only
 * the colours that occur are written, in the palette's order.
 *
 *   indices   [height][width], each a place in the palette
 *   palette   [256][3] red, green, blue; read where an index points
 *
 * The rest is png_encode's, at scale 1. */
int png_encode_palette(unsigned char **out, size_t *out_size,
                       const unsigned char *indices, int width, int height,
                       const unsigned char (*palette)[3], const load_stop *stop,
                       char *error, size_t error_size);

/* png_load - the bytes of a PNG file on disk. Reads no more than its head if that is
 * wrong, and only regular files of up to PNG_MAX_FILE bytes. error begins with the file's
 * name.
 *
 *   out   malloc'd: free() it; NULL after an error */
int png_load(unsigned char **out, size_t *size, const char *path, const load_stop *stop,
             char *error, size_t error_size);

#endif
