/* picture.c - how a PNG becomes an image, as a word: see picture.h. */
#include "../base/argument.h"
#include "../base/error.h"
#include "picture.h"

static const char *const words[] = {"digit", "fit", "crop", "stretch", NULL};

const char *ext_picture_word(int picture) {
    return picture == EXT_PICTURE_UNSAID ? NULL : words[picture - EXT_PICTURE_DIGIT];
}

int ext_picture_digit(const dn_label *label) {
    if (!label->text)
        return label->integer >= 0 && label->integer <= 9 ? (int)label->integer : -1;
    const int is_digit = label->text_size == 1 && label->text[0] >= '0' &&
                         label->text[0] <= '9';
    return is_digit ? label->text[0] - '0' : -1;
}

int ext_picture_usual(dn_shape shape, const dn_label *labels, int classes) {
    unsigned seen = 0;
    for (int i = 0; i < classes && classes == 10; i++) {
        const int digit = ext_picture_digit(&labels[i]);
        if (digit >= 0) seen |= 1u << digit;
    }
    return seen == 0x3FF && shape.c == 1 ? EXT_PICTURE_DIGIT : EXT_PICTURE_FIT;
}

int ext_picture_value(int *out, sqlite3_value *value, char *error) {
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL) return SQLITE_OK;
    const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(value)
                                           : NULL;
    if (type == SQLITE_TEXT && !text) return ext_no_memory(error);
    const int word = text ? dn_word_find(words, text) : -1;
    if (word < 0)
        return ext_argument_error(error, "picture", value,
                                  "'digit', 'fit', 'crop' or 'stretch'");
    *out = EXT_PICTURE_DIGIT + word;
    return SQLITE_OK;
}

int ext_picture_of(int picture, dn_shape shape) {
    if (picture != EXT_PICTURE_UNSAID) return picture;
    return shape.c == 1 ? EXT_PICTURE_DIGIT : EXT_PICTURE_FIT;
}
