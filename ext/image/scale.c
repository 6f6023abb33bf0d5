/* scale.c - masks of 0 and 1 beside pictures of 0..255: see scale.h. */
#include "image.h"
#include "scale.h"

/* Of bytes that are 0 and 1 the deviation is 1/510 at most, with rounding. */
#define MASK_MEAN (1.0f / 255)
#define MASK_STD  (0.505f / 255)

/* is_mask - whether bytes are 0 and 1 alone, and a 1 stands beside another one more often
 * than chance would have it, in 2 of 100 pixels or more. */
static int is_mask(const unsigned char *bytes, size_t n) {
    size_t ones = 0, pairs = 0;
    for (size_t k = 0; k < n; k++) {
        if (bytes[k] > 1) return 0;
        ones += bytes[k];
        pairs += k && bytes[k] && bytes[k - 1];
    }
    return 50 * ones >= n && 2 * pairs > ones && 2 * pairs * n > 3 * ones * ones;
}

/* exceeds_mask - whether a value is more than 1/255. */
static int exceeds_mask(const dn_image *image, size_t n) {
    size_t k = 0;
    while (k < n && ext_value(image, k) < 1.5f / 255) k++;
    return k < n;
}

int ext_scale_check(const dn_image *image, const dn_model_info *info, char *error) {
    const dn_shape s = info->shape;
    const size_t n = (size_t)s.h * (size_t)s.w * (size_t)s.c;
    if (info->mean <= MASK_MEAN && info->std <= MASK_STD) {
        if (!exceeds_mask(image, n)) return SQLITE_OK;
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "image has pixels above 1, but the model was trained on bytes of "
            "0 and 1; train it on 0 and 255: in numpy, (x * 255)"
            ".astype('u1')");
        return SQLITE_ERROR;
    }
    if (image->type != DN_UINT8 || !is_mask(image->pixels, n)) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "image has bytes of 0 and 1 alone, nearly black of 0..255; in numpy, "
        "store (x * 255).astype('u1')");
    return SQLITE_ERROR;
}
