/* scale.h - whether an image is in the scale of those that a model was trained on.
 *
 *     int rc = ext_image_get(&image, argv[0], info.shape, &room, error);
 *     if (rc == SQLITE_OK) rc = ext_scale_check(&image, &info, error);
 *
 * A mask stored as bytes is often 0 and 1 where 0 and 255 were meant. A model that was
 * trained on pictures takes it for black, one that was trained on such masks takes any
 * picture for a glare: its answer would be a guess. The model itself remembers which it
 * was, by mean and deviation of its pixels. */
#ifndef EXT_SCALE_H
#define EXT_SCALE_H

#include "../../core/dn.h"
#include "../base/ext.h"

/* ext_scale_check - SQLITE_OK; or SQLITE_ERROR and its sentence in error
 * [EXT_ERROR_SIZE], where the image's bytes are 0 and 1 and drawn as strokes are (noise
 * of a dark camera is not), and the model's were not, or the other way round. The first
 * ink of other images ends the look at them. */
int ext_scale_check(const dn_image *image, const dn_model_info *info, char *error);

#endif
