/* picture.h - how a PNG becomes an image, as a word: 'digit', 'fit', 'crop', 'stretch'.
 *
 *     int picture = EXT_PICTURE_UNSAID;
 *     int rc = ext_picture_value(&picture, argv[2], error);  // 'crop': EXT_PICTURE_CROP
 *
 * 'digit' finds the digit in it and makes of it what MNIST's are (loaders/digit.h): one
 * channel. The others keep all of the picture, or its middle, and its colours
 * (loaders/picture.h). Which of them it is, is a property of a model. */
#ifndef EXT_PICTURE_H
#define EXT_PICTURE_H

#include "../../core/dn.h"
#include "../base/ext.h"

/* The numbers stand in model bytes. */
enum {
    EXT_PICTURE_UNSAID,
    EXT_PICTURE_DIGIT,
    EXT_PICTURE_FIT,
    EXT_PICTURE_CROP,
    EXT_PICTURE_STRETCH
};

/* ext_picture_value - what an argument says; NULL says nothing, and *out stays.
 * SQLITE_OK, SQLITE_NOMEM, or SQLITE_ERROR and its sentence in error
 * [EXT_ERROR_SIZE]. */
int ext_picture_value(int *out, sqlite3_value *value, char *error);

/* ext_picture_of - what a picture is where it was left unsaid and no classes are known:
 * 'digit' for one channel, else 'fit'. */
int ext_picture_of(int picture, dn_shape shape);

#endif
