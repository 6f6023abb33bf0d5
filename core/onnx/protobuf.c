/* protobuf.c - see protobuf.h. */
#include "../bytes.h"
#include "../memory.h"
#include "protobuf.h"

#define MAX_NUMBER ((1u << 29) - 1)

int dn_pb_varint(pb_reader *r, uint64_t *value) {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        const uint8_t byte = *r->at++;
        if (shift == 63 && byte > 1) return 0; /* more than 64 bits */
        bits |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *value = bits;
            return 1;
        }
    }
    return 0;
}

/* A number of a wire type; 0 if it is not there. */
static int number(pb_reader *r, pb_wire wire, uint64_t *value) {
    if (wire == PB_VARINT) return dn_pb_varint(r, value);
    const ptrdiff_t size = wire == PB_FIXED64 ? 8 : 4;
    if (r->end - r->at < size) return 0;
    *value = wire == PB_FIXED64 ? get64(r->at) : get32(r->at);
    r->at += size;
    return 1;
}

static int field_value(pb_reader *r, pb_field *field) {
    uint64_t size;
    if (field->wire != PB_BYTES) return number(r, field->wire, &field->value);
    if (!dn_pb_varint(r, &size) || size > (uint64_t)(r->end - r->at)) return 0;
    field->bytes = (pb_bytes){r->at, (size_t)size};
    r->at += size;
    return 1;
}

int dn_pb_next(pb_reader *r, pb_field *field) {
    pb_reader at = *r;
    uint64_t key;
    if (at.at == at.end) return 0;
    if (!dn_pb_varint(&at, &key) || key >> 3 == 0 || key >> 3 > MAX_NUMBER) return -1;
    *field = (pb_field){.number = (uint32_t)(key >> 3), .wire = (pb_wire)(key & 7)};
    const pb_wire wire = field->wire;
    if (wire != PB_VARINT && wire != PB_FIXED64 && wire != PB_BYTES && wire != PB_FIXED32)
        return -1;
    if (!field_value(&at, field)) return -1;
    *r = at;
    return 1;
}

int dn_pb_number(pb_numbers *n, uint64_t *value) {
    if (n->field.wire == PB_BYTES) {
        if (n->left.at == n->left.end) return 0;
        return number(&n->left, n->wire, value) ? 1 : -1;
    }
    if (n->field.wire != n->wire) return -1;
    if (n->done) return 0;
    n->done = 1;
    *value = n->field.value;
    return 1;
}

/* --- writing ------------------------------------------------------------------------ */

#define LONGEST_VARINT 10

/* room for n bytes more, at the end; NULL: no memory. */
static uint8_t *reserve(pb_writer *w, size_t n) {
    if (w->failed) return NULL;
    if (n > w->room - w->size) {
        uint64_t room = w->room < 512 ? 1024 : 2 * (uint64_t)w->room;
        if (room - w->size < n) room = (uint64_t)w->size + n;
        uint8_t *p = dn_room(&w->heap, room);
        if (!p) {
            w->failed = 1;
            return NULL;
        }
        if (w->size) memcpy(p, w->p, w->size);
        dn_release(&w->heap, w->p);
        w->p = p;
        w->room = (size_t)room;
    }
    return w->p + w->size;
}

static size_t encode(uint8_t *p, uint64_t value) {
    size_t n = 0;
    for (; value > 127; value >>= 7) p[n++] = (uint8_t)(value | 128);
    p[n++] = (uint8_t)value;
    return n;
}

static void put_key(pb_writer *w, uint32_t number, pb_wire wire) {
    uint8_t *p = reserve(w, LONGEST_VARINT);
    if (p) w->size += encode(p, (uint64_t)number << 3 | wire);
}

static void put_varint(pb_writer *w, uint64_t value) {
    uint8_t *p = reserve(w, LONGEST_VARINT);
    if (p) w->size += encode(p, value);
}

void dn_pb_put_int(pb_writer *w, uint32_t number, int64_t value) {
    put_key(w, number, PB_VARINT);
    put_varint(w, (uint64_t)value);
}

void dn_pb_put_float(pb_writer *w, uint32_t number, float value) {
    put_key(w, number, PB_FIXED32);
    uint8_t *p = reserve(w, 4);
    if (!p) return;
    put_float(p, value);
    w->size += 4;
}

uint8_t *dn_pb_put_room(pb_writer *w, uint32_t number, size_t size) {
    put_key(w, number, PB_BYTES);
    put_varint(w, size);
    uint8_t *p = reserve(w, size);
    if (p) w->size += size;
    return p;
}

void dn_pb_put_bytes(pb_writer *w, uint32_t number, const void *bytes, size_t size) {
    uint8_t *p = dn_pb_put_room(w, number, size);
    if (p && size) memcpy(p, bytes, size);
}

void dn_pb_put_text(pb_writer *w, uint32_t number, const char *text) {
    dn_pb_put_bytes(w, number, text, strlen(text));
}

size_t dn_pb_open(pb_writer *w, uint32_t number) {
    put_key(w, number, PB_BYTES);
    return w->size;
}

/* Its length is known only now: the message moves up to make room for it. */
void dn_pb_close(pb_writer *w, size_t start) {
    uint8_t length[LONGEST_VARINT];
    const size_t size = w->size - start, n = encode(length, size);
    if (!reserve(w, n)) return;
    memmove(w->p + start + n, w->p + start, size);
    memcpy(w->p + start, length, n);
    w->size += n;
}
