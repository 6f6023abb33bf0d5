/* text.c - see text.h. */
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include "../bytes.h"
#include "../memory.h"

#define COLUMNS        88
#define NUMBER         24   /* bytes of -0x1.abcdefp-126f, and more */
#define LONGEST_STRING 4000 /* C99 promises 4095 */

void dn_text_room(dn_text *t, uint64_t bytes) {
    if (t->failed || bytes < t->room - t->size) return;
    uint64_t room = 2 * (uint64_t)t->room;
    if (room - t->size <= bytes) room = t->size + bytes + 1;
    char *p = dn_room(&t->heap, room);
    if (!p) {
        t->failed = 1;
        return;
    }
    if (t->size) memcpy(p, t->p, t->size);
    p[t->size] = '\0';
    dn_release(&t->heap, t->p);
    t->p = p;
    t->room = (size_t)room;
}

static void put(dn_text *t, const char *text, size_t size) {
    dn_text_room(t, size);
    if (t->failed) return;
    memcpy(t->p + t->size, text, size);
    t->size += size;
    t->p[t->size] = '\0';
    for (size_t i = 0; i < size; i++) t->column = text[i] == '\n' ? 0 : t->column + 1;
}

void dn_text_put(dn_text *t, const char *text) { put(t, text, strlen(text)); }

void dn_text_print(dn_text *t, const char *format, ...) {
    char text[DN_TEXT_PRINTED];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dn_text_put(t, text);
}

/* --- numbers ------------------------------------------------------------------------ */

/* hexadecimal - ±0x1.hhhhhhp±ef of the three parts of a float32; the 23 bits are six
 * digits, doubled. Returns the end. */
static char *hexadecimal(char text[NUMBER], float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    const int exponent = (int)(bits >> 23 & 255);
    uint32_t fraction = bits << 1 & 0xffffff;
    char *p = text;
    if (bits >> 31) *p++ = '-';
    *p++ = '0';
    if (!(bits << 1)) return p;
    *p++ = 'x';
    *p++ = exponent ? '1' : '0';
    if (fraction) *p++ = '.';
    for (; fraction; fraction = fraction << 4 & 0xffffff)
        *p++ = "0123456789abcdef"[fraction >> 20];
    return p + snprintf(p, 8, "p%df", exponent ? exponent - 127 : -126);
}

void dn_text_float(dn_text *t, float v, const char *behind) {
    char text[NUMBER];
    put(t, text, (size_t)(hexadecimal(text, v) - text));
    dn_text_put(t, behind);
}

void dn_text_element(dn_text *t, float v) {
    char text[NUMBER + 1], *end = hexadecimal(text, v);
    *end++ = ',';
    if (t->column + (end - text) > COLUMNS) put(t, "\n", 1);
    put(t, text, (size_t)(end - text));
}

/* --- texts from outside ------------------------------------------------------------- */

void dn_text_comment(dn_text *t, const char *text) {
    for (char previous = 0; *text; text++) {
        char c = *text;
        if (t->column >= COLUMNS) dn_text_put(t, "\n * ");
        if (c < ' ' || c > '~' || c == '\\') c = '?';
        if ((c == '/' && previous == '*') || (c == '*' && previous == '/'))
            put(t, " ", 1);
        put(t, &c, 1);
        previous = c;
    }
}

/* A byte within quotes. Octal numbers of three digits end by themselves; '?' begins
 * trigraphs. */
static void put_char(dn_text *t, char c) {
    if (c < ' ' || c > '~' || c == '"' || c == '\'' || c == '\\' || c == '?')
        dn_text_print(t, "\\%03o", (unsigned)(unsigned char)c);
    else
        put(t, &c, 1);
}

void dn_text_string(dn_text *t, const char *bytes, size_t size) {
    const int literal = size <= LONGEST_STRING;
    put(t, literal ? "\"" : "{", 1);
    for (size_t i = 0; i < size; i++) {
        if (!literal && t->column + 8 > COLUMNS) put(t, "\n", 1);
        if (!literal) put(t, "'", 1);
        put_char(t, bytes[i]);
        if (!literal) put(t, "',", 2);
    }
    dn_text_put(t, literal ? "\"" : "0}");
}
