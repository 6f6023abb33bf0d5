/* notation.c - see notation.h. */
#include <string.h>
#include "../error.h"
#include "notation.h"

int dn_parse_fail(dn_parser *p, const char *what) {
    const int length = (int)strcspn(p->start, "-");
    return dn_fail(p->error, p->error_size,
                   "layers: '%.80s': %s in '%.*s' at character %d", p->text, what,
                   length > 40 ? 40 : length, p->start, (int)(p->start - p->text) + 1);
}

int dn_parse_letter(dn_parser *p, char upper) {
    if (*p->at != upper && *p->at != upper + ('a' - 'A')) return 0;
    p->at++;
    return 1;
}

int dn_parse_word(dn_parser *p, const char *upper) {
    const char *start = p->at;
    for (; *upper; upper++)
        if (!dn_parse_letter(p, *upper)) {
            p->at = start;
            return 0;
        }
    return 1;
}

int dn_parse_number(dn_parser *p) {
    if (*p->at < '0' || *p->at > '9') return -1;
    int value = 0;
    for (; *p->at >= '0' && *p->at <= '9'; p->at++)
        if (value < 100000000) value = value * 10 + (*p->at - '0');
    return value;
}

int dn_parse_fraction(dn_parser *p, float *out) {
    double value = 0, unit = 1;
    int digits = 0;
    for (; *p->at >= '0' && *p->at <= '9'; p->at++, digits++)
        value = value * 10 + (*p->at - '0');
    if (*p->at == '.')
        for (p->at++; *p->at >= '0' && *p->at <= '9'; p->at++, digits++)
            value += (*p->at - '0') * (unit /= 10);
    *out = (float)value; /* 0.99999999 becomes 1 */
    return digits > 0 && *out < 1;
}

int dn_parse_window(dn_parser *p, dn_layer *l, const char *what) {
    l->kh = l->kw = dn_parse_number(p);
    return l->kh < 1 || l->kh > DN_MAX_WINDOW ? dn_parse_fail(p, what) : DN_OK;
}

int dn_parse_stride(dn_parser *p, dn_layer *l) {
    if (*p->at != '/') return DN_OK;
    p->at++;
    l->stride = dn_parse_number(p);
    return l->stride < 1 || l->stride > DN_MAX_WINDOW
               ? dn_parse_fail(p, "stride is not 1..64")
               : DN_OK;
}
