/* extras.c - see extras.h. */
#include "extras.h"
#include <string.h>
#include "bytes.h"

#define HEAD 8 /* tag and length */

/* One section. size: bytes of what it holds; 0: it is left out. */
typedef struct section {
    char tag[5];
    size_t (*size)(const dn_extras *extras);
    void (*put)(uint8_t *p, const dn_extras *extras);
    const char *(*get)(dn_extras *extras, const uint8_t *p, size_t n);
} section;

static size_t picture_size(const dn_extras *e) { return e->picture ? 4 : 0; }

static void picture_put(uint8_t *p, const dn_extras *e) {
    put32(p, (uint32_t)e->picture);
}

static const char *picture_get(dn_extras *e, const uint8_t *p, size_t n) {
    if (n != 4 || get32(p) > 255) return "its picture is out of range";
    e->picture = (int)get32(p);
    return NULL;
}

static const section sections[] = {
    {"PICT", picture_size, picture_put, picture_get},
};

#define SECTIONS (sizeof sections / sizeof *sections)

static size_t filled(size_t n) { return (n + 3) & ~(size_t)3; }

size_t dn_extras_size(const dn_extras *e) {
    size_t all = 0;
    for (size_t i = 0; i < SECTIONS; i++) {
        const size_t n = sections[i].size(e);
        if (n) all += HEAD + filled(n);
    }
    return all ? 4 + all : 0;
}

uint8_t *dn_extras_put(uint8_t *p, const dn_extras *e) {
    const size_t all = dn_extras_size(e);
    if (!all) return p;
    memset(p, 0, all);
    put32(p, (uint32_t)(all - 4));
    p += 4;
    for (size_t i = 0; i < SECTIONS; i++) {
        const size_t n = sections[i].size(e);
        if (!n) continue;
        memcpy(p, sections[i].tag, 4);
        put32(p + 4, (uint32_t)n);
        sections[i].put(p + HEAD, e);
        p += HEAD + filled(n);
    }
    return p;
}

const char *dn_extras_get(dn_extras *e, const uint8_t *p, size_t n) {
    size_t next = 0; /* sections have the order of the table */
    memset(e, 0, sizeof *e);
    for (size_t at = 4, size, i; at < n; at += HEAD + filled(size), next = i + 1) {
        if (n - at < HEAD) return "a section is cut off";
        size = get32(p + at + 4);
        if (size > n - at - HEAD || filled(size) > n - at - HEAD)
            return "a section is cut off";
        for (i = 0; i < SECTIONS && memcmp(sections[i].tag, p + at, 4) != 0;) i++;
        if (i == SECTIONS) return "a section is of a later version of digitnet";
        if (i < next) return "a section stands in the wrong place";
        const char *why = sections[i].get(e, p + at + HEAD, size);
        if (why) return why;
    }
    return NULL;
}
