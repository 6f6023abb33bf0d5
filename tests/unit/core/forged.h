/* forged.h - model bytes that someone changed who knows how the checksum is made. For
 * test_damage.c and test_quantise.c. */
#ifndef FORGED_H
#define FORGED_H

#include "../../../core/bytes.h"
#include "../../../core/model.h"
#include "../../../core/model_parts.h"
#include "../check.h"

/* refused - after the checksum has been put right: by both who read it, for one
 * reason. */
static void refused(uint8_t *bytes, size_t size, const char *reason) {
    char error[256] = "";
    dn_model *m = NULL;
    dn_numbers numbers;
    put64(bytes + DN_MODEL_CHECKSUM_AT,
          dn_checksum(bytes + DN_MODEL_CHECKED, size - DN_MODEL_CHECKED));
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_ERROR && !m);
    CHECK_STR(error, reason);
    error[0] = 0;
    CHECK(dn_numbers_read(&numbers, bytes, size, NULL, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, reason);
    dn_numbers_clear(&numbers);
}

#endif
