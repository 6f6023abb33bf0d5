/* form.c - what the bytes of a blob look like: see form.h. */
#include <math.h>
#include <string.h>
#include "form.h"

/* --- numbers of any form ------------------------------------------------------------ */

/* What may have been stored. Integers before floats: few blobs pass for them. */
typedef struct number_form {
    const char *name;
    int width; /* bytes a number */
    int is_float, is_big;
} number_form;

static const number_form number_forms[] = {
    {"int32", 4, 0, 0},   {"big-endian int32", 4, 0, 1},
    {"float32", 4, 1, 0}, {"big-endian float32", 4, 1, 1},
    {"int64", 8, 0, 0},   {"big-endian int64", 8, 0, 1},
    {"float64", 8, 1, 0}, {"big-endian float64", 8, 1, 1},
    {"int16", 2, 0, 0},   {"big-endian int16", 2, 0, 1},
    {"float16", 2, 1, 0}, {"big-endian float16", 2, 1, 1},
};
#define FORMS (sizeof number_forms / sizeof *number_forms)

static uint64_t form_word(const number_form *f, const unsigned char *data, size_t k) {
    uint64_t bits = 0;
    data += k * (size_t)f->width;
    for (size_t i = 0, width = (size_t)f->width; i < width; i++)
        bits |= (uint64_t)data[f->is_big ? width - 1 - i : i] << 8 * i;
    return bits;
}

/* form_float - the float of 2, 4 or 8 bytes. */
static double form_float(int width, uint64_t bits) {
    if (width == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (width == 4) {
        const uint32_t word = (uint32_t)bits;
        float value;
        memcpy(&value, &word, sizeof value);
        return (double)value;
    }
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double value = exponent == 31 ? (fraction ? NAN : INFINITY)
                         : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                        : ldexp(fraction, -24);
    return bits >> 15 ? -value : value;
}

/* is_plausible - whether a float that is not 0 may be a pixel in some scale. */
static int is_plausible(double value) {
    const double size = fabs(value);
    return !isfinite(value) || (size >= 0x1p-20 && size <= 0x1p20);
}

/* is_smooth - whether the bytes of a word are alike, as neighbours in a picture are. */
static int is_smooth(uint32_t word) {
    unsigned least = 255, most = 0;
    for (int i = 0; i < 32; i += 8) {
        const unsigned byte = word >> i & 255;
        if (byte < least) least = byte;
        if (byte > most) most = byte;
    }
    return most - least < 40;
}

/* What a blob's numbers are, read as one form. */
typedef struct number_range {
    size_t n, set;       /* those looked at, and those that are not 0 */
    size_t beside;       /* of those, the ones whose next is not 0 either */
    size_t fit;          /* of those that are set: what the form allows */
    size_t odd;          /* infinite or NaN */
    size_t below, above; /* below 0, above 1 */
    double least, most;  /* of the finite ones */
} number_range;

/* form_fits - whether a number that is not 0 is one of this form. NaN and infinities
 * count where their bits are the usual ones: ink of 255 makes other NaNs. */
static int form_fits(const number_form *f, uint64_t bits, double value) {
    if (!f->is_float) return bits <= 255;
    if (f->width == 4 && is_smooth((uint32_t)bits)) return 0;
    if (f->width == 4 && !isfinite(value)) return (bits & 0x3FFFFF) == 0;
    return is_plausible(value);
}

/* Of many numbers a million are looked at, in runs that are spread evenly: all of 256 MB
 * in each form would take seconds. */
#define LOOKED_AT ((size_t)1 << 20)
#define RUN       ((size_t)1 << 12)

/* form_next - the place of the number to look at after k, of n. */
static size_t form_next(size_t k, size_t n) {
    return ++k % RUN ? k : k + n / LOOKED_AT * RUN;
}

static number_range form_range(const number_form *f, const void *bytes, size_t n) {
    number_range r = {.least = INFINITY, .most = -INFINITY};
    int before = 0;
    for (size_t k = 0; k < n; k = form_next(k, n)) {
        const uint64_t bits = form_word(f, bytes, k);
        const double value = f->is_float ? form_float(f->width, bits) : (double)bits;
        const int set = value != 0;
        r.n++;
        r.set += (size_t)set;
        r.beside += set && before;
        r.fit += set && form_fits(f, bits, value);
        before = set;
        if (!isfinite(value)) {
            r.odd++;
            continue;
        }
        r.below += value < 0;
        r.above += value > 1;
        if (value < r.least) r.least = value;
        if (value > r.most) r.most = value;
    }
    return r;
}

/* form_find - the form of n numbers of so many bytes; NULL if they are of none. Integers
 * fit all, of floats three in four: one bad pixel, or ten, hide nothing. */
static const number_form *form_find(number_range *r, const void *bytes, size_t n,
                                    int width) {
    for (size_t i = 0; i < FORMS; i++) {
        if (number_forms[i].width != width) continue;
        *r = form_range(&number_forms[i], bytes, n);
        if (r->set &&
            (number_forms[i].is_float ? 4 * r->fit >= 3 * r->set : r->fit == r->set))
            return &number_forms[i];
    }
    return NULL;
}

/* --- bytes or floats ---------------------------------------------------------------- */

/* Words that must be set, and their share that must have a neighbour, where words are to
 * outweigh bytes: a thin line in a picture of bytes may leave three of four columns
 * empty, but not in many words side by side. */
#define FEW_WORDS 4
static int is_drawn(const number_range *r) {
    return r->set >= FEW_WORDS && 4 * r->beside >= r->set;
}

/* is_denormal - whether n words that are drawn are float32 too small for any picture. */
static int is_denormal(const void *bytes, size_t n) {
    for (size_t k = 0; k < n; k = form_next(k, n))
        if (ext_form_bits(bytes, k) >= 0x00800000u) return 0;
    const number_range r = form_range(&number_forms[0], bytes, n);
    return is_drawn(&r);
}

int ext_form_is_blank(const void *bytes, size_t size) {
    const unsigned char *p = bytes;
    return !size || (!p[0] && memcmp(p, p + 1, size - 1) == 0);
}

int ext_form_guess(const void *bytes, size_t n) {
    size_t set = 0, inside = 0, smooth = 0, plausible = 0;
    for (size_t k = 0; k < n; k = form_next(k, n)) {
        const uint32_t bits = ext_form_bits(bytes, k);
        const int is_inside = bits >= FORM_FAINTEST && bits <= FORM_ONE;
        if (bits & ~FORM_MINUS_ZERO) set++;
        if (is_inside) inside++;
        if (is_inside && is_smooth(bits)) smooth++;
        if (is_inside || (bits && is_plausible(form_float(4, bits)))) plausible++;
    }
    if (2 * inside >= set && 4 * plausible >= 3 * set)
        return 2 * (inside - smooth) >= set ? FORM_FLOAT32 : FORM_UNSETTLED;
    number_range r;
    if (form_find(&r, bytes, n, 4) && is_drawn(&r)) return FORM_ODD;
    return is_denormal(bytes, n) ? FORM_ODD : FORM_UINT8;
}

int ext_form_is_float(const void *bytes, size_t n) {
    size_t set = 0, beside = 0;
    int before = 0;
    for (size_t k = 0; k < n; k = form_next(k, n)) {
        const uint32_t bits = ext_form_bits(bytes, k);
        if (bits && (bits < FORM_FAINTEST || bits > FORM_ONE || is_smooth(bits)))
            return 0;
        set += bits != 0;
        beside += bits && before;
        before = bits != 0;
    }
    return set >= 2 * FEW_WORDS && 4 * beside >= set;
}

int ext_form_is_other(const void *bytes, size_t n) {
    number_range r;
    const number_form *f = form_find(&r, bytes, n, 4);
    return f ? is_drawn(&r) : is_denormal(bytes, n);
}

/* --- in words ----------------------------------------------------------------------- */

/* float_range - what is wrong with floats, and the numpy expression that mends it. */
static void float_range(const number_range *r, const char **what, const char **mend) {
    *what = "";
    *mend = "x";
    if (r->odd) {
        *what = " that is infinite or NaN in places";
        *mend = "numpy.nan_to_num(x, posinf=1, neginf=0)";
    } else if (r->below && 4 * r->below < r->n && r->most <= 1.5) {
        *what = " that leaves 0..1 in places";
        *mend = "numpy.clip(x, 0, 1)";
    } else if (r->below && r->least >= -1.001 && r->most <= 1.001 && r->least < -0.999) {
        *what = " of -1..1";
        *mend = "((x + 1) / 2)";
    } else if (r->below) {
        *what = " standardised as (pixel - mean) / std";
        *mend = "(x * std + mean)";
    } else if (r->most >= 2 && 2 * r->above >= r->set) {
        *what = r->most <= 255 ? " of 0..255" : " of 0..65535";
        *mend = r->most <= 255 ? "(x / 255)" : "(x / 65535)";
    } else if (r->above) {
        *what = " that leaves 0..1 in places";
        *mend = "numpy.clip(x, 0, 1)";
    }
}

/* append - to the sentence. */
static void append(char *error, const char *format, ...) {
    const size_t end = strlen(error);
    va_list args;
    va_start(args, format);
    sqlite3_vsnprintf(EXT_ERROR_SIZE - (int)end, error + end, format, args);
    va_end(args);
}

int ext_form_say(const void *bytes, size_t size, dn_shape shape, char *error) {
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    const size_t width = n ? size / n : 0;
    number_range r;
    if (!n || size % n) return 0;
    const number_form *f = form_find(&r, bytes, n, (int)width);
    if (width != 4 && f && r.set < FEW_WORDS) return 0; /* any bytes might be that */
    if (f) {
        const char *what = "", *mend = r.most > 1 ? "x" : "(x * 255)";
        if (f->is_float) float_range(&r, &what, &mend);
        append(error, ": the image looks like %s%s; in numpy, store %s.astype('%s')",
               f->name, what, mend, f->is_float ? "<f4" : "u1");
    } else if (width == 4 && is_denormal(bytes, n)) {
        append(error, ": its floats are denormal, smaller than 1e-37; in numpy, store "
                      "(x / x.max()).astype('<f4')");
    } else if (width == 4) {
        append(error, ": its bytes are no floats; as uint8 they are %dx%d pixels",
               2 * shape.h, 2 * shape.w);
    }
    return f != NULL;
}
