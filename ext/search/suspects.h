/* suspects.h - the rows of a source whose label is likely wrong, by confident learning
 * (Northcutt, Jiang and Chuang, 2021).
 *
 *     ext_suspects *s;
 *     ext_suspects_request request = {.source = argv[0]};
 *     int rc = ext_suspects_find(&s, models, db, &request, error);
 *     if (rc == SQLITE_OK)
 *         for (size_t i = 0; i < s->n; i++) … s->list[i] …
 *     ext_suspects_free(s);
 *
 * The rule: a class's threshold is the mean probability that the network gives its label,
 * over the rows that bear it. A row is suspected where another label is the likeliest, at
 * no less than the threshold of that label. The least likely labels come first.
 *
 * A network that was trained on a wrong label may have learned it by heart. So without a
 * model the rows are dealt into five folds, and those of a fold are judged by a network
 * that was trained on the other four. A label that one row alone bears is not judged
 * then: no network has seen it. Nor is, with a model, a label that is none of its
 * classes.
 *
 * All rows that have pixels and a label take part, whatever their split. Nothing is
 * written, and the same rows, options and seed give the same suspects. */
#ifndef EXT_SUSPECTS_H
#define EXT_SUSPECTS_H

#include "../model/cache.h"
#include "../predict/answers.h"

typedef struct ext_suspect {
    uint32_t row;                       /* its number in ids */
    int32_t label;                      /* the class of its label … */
    int32_t class;                      /* … and the one that the network gives it */
    float label_confidence, confidence; /* their probabilities */
} ext_suspect;

typedef struct ext_suspects {
    ext_suspect *list; /* [n] the least likely label first */
    size_t n;
    ext_answers ids;  /* of all rows, where they were asked for */
    ext_model *model; /* one that judged: it has the classes' labels */
} ext_suspects;

/* The arguments, each NULL or an SQL NULL for "not given". */
typedef struct ext_suspects_request {
    sqlite3_value *source, *key;
    sqlite3_value *model;   /* the name of the one that judges all rows */
    sqlite3_value *options; /* of the training without one, a JSON object */
    int wants_ids;
} ext_suspects_request;

/* ext_suspects_find - SQLITE_OK, or an error, SQLITE_INTERRUPT among them, and its
 * sentence in error [EXT_ERROR_SIZE]; *out is NULL then. */
int ext_suspects_find(ext_suspects **out, ext_context *models, sqlite3 *db,
                      const ext_suspects_request *request, char *error);

void ext_suspects_free(ext_suspects *suspects); /* takes NULL too */

#endif
