/* digit_form.c - see digit_form.h. */
#include <stdlib.h>
#include "../../loaders/digit.h"
#include "../base/error.h"
#include "../image/image.h"
#include "digit_form.h"

#define ROWS   64
#define SIDE   EXT_PNG_SIDE
#define PIXELS (SIDE * SIDE)
#define LEAST  (8 * PIXELS) /* what two images differ by, summed up, if not by chance */

int ext_digit_form_look(ext_digit_form *form, const dn_image *image, dn_shape shape) {
    unsigned char grey[PIXELS], digit[PIXELS];
    const digit_picture picture = {.grey = grey, .height = SIDE, .width = SIDE};
    long differ = 0;
    if (shape.h != SIDE || shape.w != SIDE || shape.c != 1 || form->n == ROWS)
        return SQLITE_OK;
    for (size_t i = 0; i < PIXELS; i++) {
        const float value = ext_value(image, i);
        grey[i] = (unsigned char)(value > 1 ? 255 : value > 0 ? value * 255 + 0.5f : 0);
    }
    if (digit_normalise(digit, SIDE, SIDE, &picture, NULL) == DIGIT_NOMEM)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < PIXELS; i++) differ += abs(digit[i] - grey[i]);
    form->n++;
    form->other += differ > LEAST;
    return SQLITE_OK;
}

int ext_digit_form_differs(const ext_digit_form *form) {
    return 2 * form->other > form->n;
}
