/* protobuf.h - the wire format of Protocol Buffers: read within bounds, and written.
 *
 *     pb_reader r = dn_pb_reader(bytes);
 *     pb_field f;
 *     int more;
 *     while ((more = dn_pb_next(&r, &f)) > 0)
 *         if (f.number == 7 && f.wire == PB_BYTES) … f.bytes …
 *     if (more < 0) … damaged, at r.at …
 *
 * A message is a sequence of fields, in any order, some of them more than once:
 *
 *     key     varint: number << 3 | wire
 *     value   PB_VARINT   7 bits a byte, the lowest first, the high bit set on all but
 *             the last PB_FIXED64  8 bytes, little-endian
 *             PB_BYTES    length as a varint, then as many bytes: text, a message, or
 *                         numbers one after the other ("packed")
 *             PB_FIXED32  4 bytes, little-endian
 *
 * What it means is for the caller to say: nothing that reads allocates, copies or calls
 * itself. */
#ifndef DN_PROTOBUF_H
#define DN_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "../dn.h"

typedef enum pb_wire {
    PB_VARINT = 0,
    PB_FIXED64 = 1,
    PB_BYTES = 2,
    PB_FIXED32 = 5
} pb_wire;

/* Bytes that lie in someone else's memory. */
typedef struct pb_bytes {
    const uint8_t *p;
    size_t size;
} pb_bytes;

typedef struct pb_reader {
    const uint8_t *at, *end; /* what is left */
} pb_reader;

typedef struct pb_field {
    uint32_t number; /* 1 … 2^29 − 1 */
    pb_wire wire;
    uint64_t value; /* unless wire is PB_BYTES: the number's bits */
    pb_bytes bytes; /* if it is */
} pb_field;

static inline pb_reader dn_pb_reader(pb_bytes bytes) {
    return (pb_reader){bytes.p, bytes.size ? bytes.p + bytes.size : bytes.p};
}

/* dn_pb_next - the next field: 1; 0 at the end; −1 if what comes next is no field that
 * ends within the bytes, with r->at where it begins. Groups, a form long given up, are
 * not read. */
int dn_pb_next(pb_reader *r, pb_field *field);

/* dn_pb_varint - a varint from the front: 1, or 0 if none ends there within 64 bits. */
int dn_pb_varint(pb_reader *r, uint64_t *value);

/* The numbers of a repeated field, packed or not. */
typedef struct pb_numbers {
    pb_wire wire;   /* what one number is */
    pb_reader left; /* of a packed field */
    pb_field field; /* of one that is not */
    int done;       /* and whether it was given */
} pb_numbers;

static inline pb_numbers dn_pb_numbers(const pb_field *field, pb_wire wire) {
    return (pb_numbers){wire, dn_pb_reader(field->bytes), *field, 0};
}

/* dn_pb_number - the next of them: 1; 0 if there are no more; −1: damaged. */
int dn_pb_number(pb_numbers *numbers, uint64_t *value);

static inline int dn_pb_is(pb_bytes bytes, const char *text) {
    return bytes.size == strlen(text) && memcmp(bytes.p, text, bytes.size) == 0;
}

static inline int dn_pb_same(pb_bytes a, pb_bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.p, b.p, a.size) == 0);
}

/* --- writing ------------------------------------------------------------------------ */

/* Starts from zeros but for the heap that p comes from. After memory ran out everything
 * is left undone, and failed is set. */
typedef struct pb_writer {
    dn_heap heap;
    uint8_t *p;
    size_t size, room;
    int failed;
} pb_writer;

void dn_pb_put_int(pb_writer *w, uint32_t number, int64_t value);
void dn_pb_put_float(pb_writer *w, uint32_t number, float value);
void dn_pb_put_bytes(pb_writer *w, uint32_t number, const void *bytes, size_t size);
void dn_pb_put_text(pb_writer *w, uint32_t number, const char *text);

/* dn_pb_put_room - a PB_BYTES field whose size bytes the caller fills, before anything
 * else is written. NULL: no memory. */
uint8_t *dn_pb_put_room(pb_writer *w, uint32_t number, size_t size);

/* dn_pb_open, dn_pb_close - a message inside the message: what is written between the
 * two.
 * Open returns what close is to be given. */
size_t dn_pb_open(pb_writer *w, uint32_t number);
void dn_pb_close(pb_writer *w, size_t start);

#endif
