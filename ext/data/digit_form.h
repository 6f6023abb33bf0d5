/* digit_form.h - whether the images of a training set are digits in MNIST's form, so that
 * a PNG of another should be brought to that form, too.
 *
 *     ext_digit_form form = {0};
 *     int rc = ext_digit_form_look(&form, &image, shape);   // each image
 *     const int is_digits = rc == SQLITE_OK && !ext_digit_form_differs(&form);
 */
#ifndef EXT_DIGIT_FORM_H
#define EXT_DIGIT_FORM_H

#include <stdint.h>
#include "../../core/dn.h"

/* What was seen; zeros at first. */
typedef struct ext_digit_form {
    uint32_t n;     /* images looked at: the first 64 of MNIST's shape */
    uint32_t other; /* of them, those that EXT_PICTURE_DIGIT would change */
} ext_digit_form;

/* ext_digit_form_look - looks at one more image; at any shape but MNIST's, it does not.
 * SQLITE_OK or SQLITE_NOMEM. */
int ext_digit_form_look(ext_digit_form *form, const dn_image *image, dn_shape shape);

/* ext_digit_form_differs - whether most are of another form: clothes, for instance, whose
 * labels are 0 to 9, too. */
int ext_digit_form_differs(const ext_digit_form *form);

#endif
