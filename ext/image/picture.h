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

/* ext_picture_word - its word; NULL for EXT_PICTURE_UNSAID. */
const char *ext_picture_word(int picture);

/* ext_picture_usual - what it is for a network where nobody said it: 'digit' where the
 * classes are the ten digits, as integers or as texts, and the shape has one channel;
 * else 'fit'. */
int ext_picture_usual(dn_shape shape, const dn_label *labels, int classes);

/* ext_picture_digit - which digit a label is, 0..9; -1 if none. */
int ext_picture_digit(const dn_label *label);

/* ext_picture_of - what a picture is where it was left unsaid and no classes are known:
 * 'digit' for one channel, else 'fit'. Model bytes leave that one out: those of version
 * 0.1, which knew no other way than 'digit', say nothing, and go on as they did. */
int ext_picture_of(int picture, dn_shape shape);

#endif
