/* onnx_close.h - whether two ONNX graphs say the same of images, as models of ours.
 *
 *     CHECK_CLOSE(HEAD "Conv - x w > a\n" END, HEAD "Conv - x w > a\n" END); */
#ifndef ONNX_CLOSE_H
#define ONNX_CLOSE_H

#include "onnx_words.h"

/* The largest difference of what two graphs say of some images; 9 if one is refused. */
static inline double apart(const char *one, const char *other) {
    const char *graphs[2] = {one, other};
    static float said[2][4][256];
    int classes[2] = {0, 0};
    for (int g = 0; g < 2; g++) {
        size_t size = 0;
        dn_model *m = NULL;
        dn_model_info info;
        void *bytes = model_of(graphs[g], &size);
        if (!bytes || dn_model_decode(&m, bytes, size, NULL, words_error, 512) != DN_OK) {
            free(bytes);
            return 9;
        }
        dn_model_get_info(m, &info);
        classes[g] = info.classes;
        dn_scratch *scratch = dn_scratch_new(m);
        for (int k = 0; k < 4; k++) {
            float pixels[512];
            for (int i = 0; i < 512; i++)
                pixels[i] = (float)((i * (7 + 2 * k) + k * k) % 101) / 100;
            CHECK(info.shape.h * info.shape.w * info.shape.c <= 512);
            const dn_image image = {pixels, DN_FLOAT32};
            float batch[256];
            CHECK(dn_predict(m, scratch, &image, said[g][k], NULL, NULL) == DN_OK);
            CHECK(dn_predict_batch(m, NULL, &image, 1, batch) == DN_OK);
            CHECK(memcmp(batch, said[g][k], (size_t)info.classes * sizeof *batch) == 0);
        }
        dn_scratch_free(scratch);
        dn_model_free(m);
        free(bytes);
    }
    double most = classes[0] == classes[1] ? 0 : 9;
    for (int k = 0; k < 4; k++)
        for (int c = 0; c < classes[0] && most < 9; c++)
            most = fmax(most, fabs((double)said[0][k][c] - (double)said[1][k][c]));
    return most;
}

#define CHECK_CLOSE(one, other) CHECK(apart(one, other) < 1e-6)

#endif
