/* cost.h - what one call takes for a network: memory and work, known before it begins.
 *
 *     const dn_cost cost = dn_cost_predict(&spec);
 *     int status = dn_cost_check(&cost, &limits, "a prediction", error, error_size);
 *
 * A few bytes of notation can ask for a lot of both. So a model is refused when it is
 * decoded, and a network before it is trained, if one prediction would exceed the host's
 * limits. */
#ifndef DN_COST_H
#define DN_COST_H

#include "spec.h"

typedef struct dn_cost {
    uint64_t memory; /* bytes; from DN_COST_UNKNOWN on: there was no memory to find out */
    uint64_t work;   /* multiply-adds as the kernels do them; cost.c says what counts */
} dn_cost;

#define DN_COST_UNKNOWN ((uint64_t)1 << 61) /* more than any network takes */

static inline int dn_cost_is_known(const dn_cost *cost) {
    return cost->memory < DN_COST_UNKNOWN;
}

/* dn_cost_predict - one image: the model, stored and decoded, but for the text of its
 * labels;
 * working memory, image and results. */
dn_cost dn_cost_predict(const dn_spec *spec);

/* dn_cost_saliency - dn_saliency: 16 copies of an image, forward and back. */
dn_cost dn_cost_saliency(const dn_spec *spec);

/* dn_limits_of - the host's limits, or those of dn.h where it names none. */
dn_limits dn_limits_of(const dn_host *host);

/* dn_cost_check - DN_OK, DN_NOMEM, or DN_ERROR and a sentence: "a prediction takes
 * 536870912 bytes of memory, more than the limit 'memory' of 268435456", and the limits'
 * advice. */
int dn_cost_check(const dn_cost *cost, const dn_limits *limits, const char *what,
                  char *error, size_t error_size);

#endif
