/* number.h - the digits of a picture, as a model reads them.
 *
 *     ext_number number;
 *     int rc = ext_number_read(&number, models, model, argv[0], argv[1], error);
 *     for (int i = 0; rc == SQLITE_OK && i < number.n; i++) … number.digits[i] …
 *     ext_number_free(&number);
 *
 * The picture's ink is cut into parts (loaders/number.h); the model looks at every run of
 * parts that may be a digit. Of all ways through a line, that one is taken which costs
 * least: the shapes' costs and the odds against the model's answers, together. Rules are
 * left out. A picture whose lines may be rules or strokes of digits is read without
 * them and with them, and the second is taken if its digits cost little or less. */
#ifndef EXT_NUMBER_H
#define EXT_NUMBER_H

#include "../../loaders/number.h"
#include "../model/cache.h"

typedef struct ext_digit {
    int line, place;             /* from 1; place in its line */
    int x, y, width, height;     /* in pixels of the picture */
    int after_space;             /* a gap wider than a digit lies before it */
    int class;                   /* of the model */
    float confidence;            /* its probability */
    const unsigned char *pixels; /* [h][w] as the model saw it: the number's */
} ext_digit;

typedef struct ext_number {
    ext_digit *digits; /* [n] in reading order */
    int n;
    double cost; /* of all of them */
    number_lattice lattice;
} ext_number;

/* ext_number_read - reads the PNG in a value that is not NULL.
 *
 *   out         ext_number_free frees it, whatever the result
 *   models      the connection's: reading takes no more than its limit 'work'
 *   model       by ext_model_find
 *   model_name  what it was asked for by, for messages; NULL: nothing
 *   error       [EXT_ERROR_SIZE] one sentence, unless the result is SQLITE_OK
 *
 * A picture without digits has n = 0. Asks for interrupts. */
int ext_number_read(ext_number *out, const ext_context *models, ext_model *model,
                    sqlite3_value *png, sqlite3_value *model_name, char *error);
void ext_number_free(ext_number *number);

#endif
