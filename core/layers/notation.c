/* notation.c - see notation.h. */
#include <math.h>
#include <stdio.h>
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

int dn_starts_real(const dn_parser *p) {
    const char c = *p->at;
    return (c >= '0' && c <= '9') || c == '.' || c == '#';
}

/* Eight hexadecimal digits; −1 if they are not there. */
static int64_t parse_hex(dn_parser *p) {
    int64_t bits = 0;
    for (int i = 0; i < 8; i++, p->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = *p->at ? strchr(digits, *p->at) : NULL;
        if (!digit) return -1;
        bits = bits * 16 + (digit - digits) % 16;
    }
    return bits;
}

int dn_parse_real(dn_parser *p, float *out) {
    if (*p->at == '#') {
        p->at++;
        const int64_t wide = parse_hex(p);
        const uint32_t bits = (uint32_t)wide;
        memcpy(out, &bits, sizeof *out);
        return wide >= 0 && fabsf(*out) <= 3e38f;
    }
    const double sign = *p->at == '-' ? -1 : 1;
    double value = 0, unit = 1;
    int digits = 0, point = 0;
    if (sign < 0) p->at++;
    for (; (*p->at >= '0' && *p->at <= '9') || (*p->at == '.' && !point); p->at++)
        if (*p->at == '.') {
            point = 1;
        } else if (digits++ < 18) {
            value = value * 10 + (*p->at - '0');
            if (point) unit *= 10;
        } else if (!point) {
            return 0;
        }
    *out = (float)(sign * value / unit);
    return digits > 0;
}

int dn_print_bits(char *text, float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return snprintf(text, DN_REAL_TEXT, "#%08x", (unsigned)bits);
}

int dn_print_real(char *text, float x) {
    float again;
    double unit = 1;
    for (int decimals = 0; decimals <= 6 && fabsf(x) < 100; decimals++, unit *= 10) {
        const long n = lround(fabs((double)x) * unit), whole = (long)unit;
        int size = snprintf(text, DN_REAL_TEXT, "%s%ld", x < 0 ? "-" : "", n / whole);
        if (decimals)
            size += snprintf(text + size, (size_t)(DN_REAL_TEXT - size), ".%0*ld",
                             decimals, n % whole);
        dn_parser p = {.at = text};
        if (size < DN_REAL_TEXT && dn_parse_real(&p, &again) &&
            memcmp(&again, &x, sizeof x) == 0)
            return size;
    }
    return dn_print_bits(text, x);
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
