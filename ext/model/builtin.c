/* builtin.c - the built-in model's bytes, and what is told of it: see builtin.h. */
#include "builtin.h"

#ifdef DIGITNET_OMIT_BUILTIN
const unsigned char *ext_builtin_weights(int *size) {
    static const unsigned char none[1] = {0};
    *size = 0;
    return none;
}

const unsigned char *ext_builtin_json(int *size) { return ext_builtin_weights(size); }
#else
/* Made by the Makefile of the files of the same name. */
static const unsigned char model_bytes[] = {
#include "builtin.model.inc"
};
static const unsigned char json_bytes[] = {
#include "builtin.json.inc"
};

const unsigned char *ext_builtin_weights(int *size) {
    *size = (int)sizeof model_bytes;
    return model_bytes;
}

const unsigned char *ext_builtin_json(int *size) {
    *size = (int)sizeof json_bytes;
    return json_bytes;
}
#endif
