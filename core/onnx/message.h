/* message.h - reading one message of an ONNX file, with its errors. */
#ifndef DN_ONNX_MESSAGE_H
#define DN_ONNX_MESSAGE_H

#include "../error.h"
#include "onnx.h"

/* Reading one message of a file. */
typedef struct message {
    const onnx_file *file;
    const char *name; /* its type, for errors */
    pb_reader left;
    pb_field field;
} message;

static inline message dn_message(const onnx_file *file, const char *name,
                                 pb_bytes bytes) {
    return (message){.file = file, .name = name, .left = dn_pb_reader(bytes)};
}

static inline int dn_message_damaged(const message *m, const char *what) {
    return dn_fail(m->file->error, m->file->error_size,
                   "not an ONNX file, or a damaged one: %s in a %s that ends at byte %zu",
                   what, m->name, (size_t)(m->left.end - m->file->bytes.p));
}

/* The next field into m->field: 1, 0 at the end, −1 and an error, or if work is
 * stopped. */
static inline int dn_message_next(message *m) {
    if (!dn_onnx_worked(m->file->work, 1)) return -1;
    const int more = dn_pb_next(&m->left, &m->field);
    if (more >= 0) return more;
    dn_fail(m->file->error, m->file->error_size,
            "not an ONNX file, or a damaged one: byte %zu begins no field of a %s",
            (size_t)(m->left.at - m->file->bytes.p), m->name);
    return -1;
}

/* What the field is to be: bytes or an integer. DN_OK or DN_ERROR. */
static inline int dn_message_bytes(message *m, pb_bytes *out) {
    *out = m->field.bytes;
    if (m->field.wire == PB_BYTES) return DN_OK;
    return dn_message_damaged(m, "a number in the place of bytes");
}

static inline int dn_message_int(message *m, int64_t *out) {
    if (m->field.wire != PB_VARINT)
        return dn_message_damaged(m, "bytes in the place of an integer");
    *out = (int64_t)m->field.value;
    return DN_OK;
}

/* Adds the field's integers to a list of ONNX_MAX_RANK at most. */
static inline int dn_message_ints(message *m, int64_t *list, int *n) {
    pb_numbers numbers = dn_pb_numbers(&m->field, PB_VARINT);
    uint64_t value;
    int more;
    while ((more = dn_pb_number(&numbers, &value)) > 0) {
        if (*n == ONNX_MAX_RANK) return dn_message_damaged(m, "more than 8 numbers");
        list[(*n)++] = (int64_t)value;
    }
    return more < 0 ? dn_message_damaged(m, "no list of integers") : DN_OK;
}

/* Counts messages of a kind, with a limit. */
static inline int dn_message_count(message *m, int *n, int most, const char *what) {
    if (*n < most) {
        ++*n;
        return DN_OK;
    }
    return dn_fail(m->file->error, m->file->error_size, "a %s has more than %d %s",
                   m->name, most, what);
}

#endif
