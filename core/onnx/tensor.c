/* tensor.c - the tensors of an ONNX file: see onnx.h. */
#include <math.h>
#include "../bytes.h"
#include "message.h"

/* Adds up how many numbers a field of a tensor has. */
static int tensor_count(message *m, onnx_tensor *t, pb_wire wire) {
    pb_numbers numbers = dn_pb_numbers(&m->field, wire);
    uint64_t value;
    int more;
    if (t->field && t->field != (int)m->field.number)
        return dn_message_damaged(m, "data of two kinds");
    t->field = (int)m->field.number;
    if (m->field.wire == PB_BYTES && wire != PB_VARINT) { /* no need to look at each */
        const size_t one = wire == PB_FIXED64 ? 8 : 4;
        if (m->field.bytes.size % one) return dn_message_damaged(m, "a number cut off");
        t->n += m->field.bytes.size / one;
        return DN_OK;
    }
    while ((more = dn_pb_number(&numbers, &value)) > 0 &&
           dn_onnx_worked(m->file->work, 1))
        t->n++;
    return more < 0 ? dn_message_damaged(m, "no list of numbers") : DN_OK;
}

/* Where another file has the numbers: location, offset or length. */
static int external_entry(message *m, onnx_tensor *t) {
    pb_bytes bytes, key = {NULL, 0}, value = {NULL, 0};
    int more, status = dn_message_bytes(m, &bytes);
    message entry = dn_message(m->file, "StringStringEntryProto", bytes);
    while (status == DN_OK && (more = dn_message_next(&entry)) != 0)
        if (more < 0)
            status = DN_ERROR;
        else if (entry.field.number == PROP_KEY)
            status = dn_message_bytes(&entry, &key);
        else if (entry.field.number == PROP_VALUE)
            status = dn_message_bytes(&entry, &value);
    if (dn_pb_is(key, "location")) t->location = value;
    if (dn_pb_is(key, "offset")) t->offset = value;
    if (dn_pb_is(key, "length")) t->length = value;
    return status;
}

static int tensor_field(message *m, onnx_tensor *t) {
    int64_t value = 0;
    int status = DN_OK;
    switch (m->field.number) {
    case TENSOR_DIMS: return dn_message_ints(m, t->dims, &t->rank);
    case TENSOR_DATA_TYPE:
        status = dn_message_int(m, &value);
        t->type = value > 0 && value < 1000 ? (int)value : 0;
        return status;
    case TENSOR_NAME: return dn_message_bytes(m, &t->name);
    case TENSOR_RAW_DATA:
        if (t->field) return dn_message_damaged(m, "data of two kinds");
        t->field = TENSOR_RAW_DATA;
        return dn_message_bytes(m, &t->raw);
    case TENSOR_FLOAT_DATA: return tensor_count(m, t, PB_FIXED32);
    case TENSOR_DOUBLE_DATA: return tensor_count(m, t, PB_FIXED64);
    case TENSOR_INT32_DATA:
    case TENSOR_INT64_DATA: return tensor_count(m, t, PB_VARINT);
    case TENSOR_DATA_LOCATION:
        status = dn_message_int(m, &value);
        t->external |= value != 0;
        return status;
    case TENSOR_EXTERNAL_DATA: t->external = 1; return external_entry(m, t);
    default: return DN_OK;
    }
}

/* Bytes of an element in raw_data, and the field that has it otherwise; 0 for other
 * types. */
static size_t element(int type, int *field) {
    switch (type) {
    case ELEM_FLOAT: *field = TENSOR_FLOAT_DATA; return 4;
    case ELEM_DOUBLE: *field = TENSOR_DOUBLE_DATA; return 8;
    case ELEM_FLOAT16: *field = TENSOR_INT32_DATA; return 2;
    case ELEM_INT32: *field = TENSOR_INT32_DATA; return 4;
    case ELEM_BOOL: *field = TENSOR_INT32_DATA; return 1;
    case ELEM_INT64: *field = TENSOR_INT64_DATA; return 8;
    default: return 0;
    }
}

/* A decimal number; otherwise if there is none. 0: it is no number below 2^62. */
static int decimal(pb_bytes text, uint64_t otherwise, uint64_t *out) {
    *out = text.p ? 0 : otherwise;
    for (size_t i = 0; text.p && i < text.size; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || *out >> 58) return 0;
        *out = 10 * *out + (uint64_t)(text.p[i] - '0');
    }
    return 1;
}

/* The bytes of size elements that another file has, if it was given. */
static int external_raw(const onnx_file *file, onnx_tensor *t, uint64_t size) {
    uint64_t offset, length;
    if (!file->data.p) return DN_OK; /* an error when they are read */
    if (!decimal(t->offset, 0, &offset) || !decimal(t->length, size, &length) ||
        offset > file->data.size || length > file->data.size - offset || length != size)
        return dn_fail(file->error, file->error_size,
                       "tensor '%s' has %llu bytes of data at '%s'; expected '%s' bytes, "
                       "as many as its elements, within the %zu of the data that was "
                       "given: is it the file '%s' that was written with this one?",
                       dn_onnx_text(t->name).text, (unsigned long long)size,
                       dn_onnx_text(t->offset).text, dn_onnx_text(t->length).text,
                       file->data.size, dn_onnx_text(t->location).text);
    t->raw = (pb_bytes){file->data.p + offset, (size_t)length};
    return DN_OK;
}

/* What is not there, and how to come by it. */
static int no_data(const onnx_file *file, const onnx_tensor *t) {
    return dn_fail(
        file->error, file->error_size,
        "tensor '%s' keeps its numbers in the file '%s' beside this one: give "
        "its bytes as the fourth argument of import_model (readfile gives NULL "
        "where it cannot read them), or write one file, by "
        "torch.onnx.export(..., external_data=False) or "
        "onnx.save(onnx.load('model.onnx'), 'one.onnx')",
        dn_onnx_text(t->name).text, dn_onnx_text(t->location).text);
}

/* Whether there are as many numbers as the dimensions say. */
static int tensor_check(const onnx_file *file, onnx_tensor *t) {
    const onnx_text name = dn_onnx_text(t->name);
    int field = 0;
    const size_t size = element(t->type, &field);
    uint64_t n = 1;
    for (int i = 0; i < t->rank; i++) {
        if (t->dims[i] < (t->rank > 1) || t->dims[i] > ONNX_MAX_DIM ||
            n > INT64_MAX / ONNX_MAX_DIM)
            return dn_fail(file->error, file->error_size,
                           "tensor '%s' has a dimension of %lld", name.text,
                           (long long)t->dims[i]);
        n *= (uint64_t)t->dims[i];
    }
    if (!size) return DN_OK; /* an error when they are read */
    if (t->external) {
        if (n > UINT64_MAX / 8) n = UINT64_MAX / 8;
        const int status = external_raw(file, t, n * size);
        t->field = TENSOR_RAW_DATA;
        t->n = n;
        return status;
    }
    if (t->field == TENSOR_RAW_DATA) {
        t->n = t->raw.size / size;
        field = t->raw.size % size ? 0 : TENSOR_RAW_DATA;
    }
    if (t->field == 0) t->field = field; /* no data: right if there are to be none */
    if (t->field == field && t->n == n) return DN_OK;
    return dn_fail(file->error, file->error_size,
                   "tensor '%s' has %llu numbers, or some of another type than it says; "
                   "expected %llu",
                   name.text, (unsigned long long)t->n, (unsigned long long)n);
}

int dn_onnx_tensor_at(onnx_tensor *out, const onnx_file *file, pb_bytes proto) {
    message m = dn_message(file, "TensorProto", proto);
    int more, status = DN_OK;
    memset(out, 0, sizeof *out);
    out->proto = proto;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        status = more < 0 ? DN_ERROR : tensor_field(&m, out);
    return status == DN_OK ? tensor_check(file, out) : status;
}

/* A number's bits as the float or the integer that they are. */
static double real_of(int type, uint64_t bits) {
    uint8_t bytes[8];
    double value;
    put64(bytes, bits);
    if (type == ELEM_FLOAT16) return (double)get_half(bytes);
    if (type == ELEM_FLOAT) return (double)get_float(bytes);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int64_t integer_of(int type, uint64_t bits) {
    return type == ELEM_INT32 ? (int32_t)(uint32_t)bits : (int64_t)bits;
}

/* Element i of raw_data. */
static uint64_t raw_bits(const onnx_tensor *t, size_t i) {
    switch (t->type) {
    case ELEM_FLOAT16:
        return (uint64_t)t->raw.p[2 * i] | (uint64_t)t->raw.p[2 * i + 1] << 8;
    case ELEM_BOOL: return t->raw.p[i];
    case ELEM_DOUBLE:
    case ELEM_INT64: return get64(t->raw.p + 8 * i);
    default: return get32(t->raw.p + 4 * i);
    }
}

static int not_finite(const onnx_file *file, const onnx_tensor *t, size_t i) {
    return dn_fail(file->error, file->error_size,
                   "number %zu of tensor '%s' is not a finite float", i,
                   dn_onnx_text(t->name).text);
}

/* Gives value i of the tensor to one of the two. 0: it is no finite float. */
static int store(float *reals, int64_t *integers, const onnx_tensor *t, size_t i,
                 uint64_t bits) {
    if (integers) {
        integers[i] = integer_of(t->type, bits);
        return 1;
    }
    reals[i] = (float)real_of(t->type, bits);
    return fabsf(reals[i]) <= 3e38f;
}

static int values(float *reals, int64_t *integers, const onnx_file *file,
                  const onnx_tensor *t) {
    if (t->external && !t->raw.p) return no_data(file, t);
    message m = dn_message(file, "TensorProto", t->proto);
    size_t at = 0;
    uint64_t bits;
    if (t->field == TENSOR_RAW_DATA) {
        for (; at < t->n && dn_onnx_worked(file->work, 1); at++)
            if (!store(reals, integers, t, at, raw_bits(t, at)))
                return not_finite(file, t, at);
        return DN_OK;
    }
    /* The same way that they were counted. */
    const pb_wire wire = t->field == TENSOR_FLOAT_DATA    ? PB_FIXED32
                         : t->field == TENSOR_DOUBLE_DATA ? PB_FIXED64
                                                          : PB_VARINT;
    while (dn_message_next(&m) > 0) {
        if ((int)m.field.number != t->field) continue;
        pb_numbers numbers = dn_pb_numbers(&m.field, wire);
        for (; at < t->n && dn_pb_number(&numbers, &bits) > 0 &&
               dn_onnx_worked(file->work, 1);
             at++)
            if (!store(reals, integers, t, at, bits)) return not_finite(file, t, at);
    }
    return DN_OK;
}

/* Types that we do not read. */
static int unknown_type(const onnx_file *file, const onnx_tensor *t) {
    return dn_fail(file->error, file->error_size,
                   "tensor '%s' has elements of type %d; expected float (1), int32 (6), "
                   "int64 (7), bool (9), float16 (10) or double (11)",
                   dn_onnx_text(t->name).text, t->type);
}

static int is_read(const onnx_tensor *t) {
    int field;
    return element(t->type, &field) != 0;
}

static int wrong_type(const onnx_file *file, const onnx_tensor *t, const char *expected) {
    return dn_fail(file->error, file->error_size,
                   "tensor '%s' has elements of type %d; expected %s",
                   dn_onnx_text(t->name).text, t->type, expected);
}

int dn_onnx_is_integer(const onnx_tensor *t) {
    return t->type == ELEM_INT32 || t->type == ELEM_INT64 || t->type == ELEM_BOOL;
}

int dn_onnx_floats(float *out, const onnx_file *file, const onnx_tensor *t) {
    if (!is_read(t)) return unknown_type(file, t);
    if (dn_onnx_is_integer(t)) return wrong_type(file, t, "floats");
    return values(out, NULL, file, t);
}

int dn_onnx_ints(int64_t *out, const onnx_file *file, const onnx_tensor *t) {
    if (!is_read(t)) return unknown_type(file, t);
    if (!dn_onnx_is_integer(t)) return wrong_type(file, t, "integers");
    return values(NULL, out, file, t);
}
