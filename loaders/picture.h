/* picture.h - a PNG of any size as an image of the size that a network takes.
 *
 *     png_picture photo; // of a file's bytes [size]
 *     unsigned char image[48 * 64 * 3];
 *     if (png_decode_rgb(&photo, bytes, size, NULL, error, sizeof error) == PNG_OK) …
 *     int rc = picture_place(image, 48, 64, 3, PICTURE_FIT, &photo, NULL);
 *
 * The picture's values are kept: nothing is inverted or stretched in contrast. What is
 * transparent shows white behind it; but a picture that white would swallow, such as a
 * white icon on nothing, shows black. A grey picture of one channel is spread to three,
 * and of a coloured one luma is taken, as Rec. 601 and Pillow's convert("L") weigh it. */
#ifndef LOADERS_PICTURE_H
#define LOADERS_PICTURE_H

#include "png.h"
#include "resize.h"

typedef enum picture_way {
    PICTURE_FIT,    /* as large as it can be within the image, its aspect kept, in its
                       middle; the rest is the mean of the picture's border */
    PICTURE_CROP,   /* as small as it can be to cover the image; its middle */
    PICTURE_STRETCH /* made as wide and as high as the image */
} picture_way;

/* picture_place - the image of a picture.
 *
 *   out       [h][w][channels] written
 *   h, w      1..4096
 *   channels  1, or 3: red, green, blue
 *   picture   what png_decode_rgb gave; changed: its background becomes part of it
 *   stop      asked every few milliseconds; may be NULL
 *
 * Scaling is that of resize.h. Returns RESIZE_OK, RESIZE_NOMEM or RESIZE_STOPPED. */
int picture_place(unsigned char *out, int h, int w, int channels, picture_way way,
                  png_picture *picture, const load_stop *stop);

#endif
