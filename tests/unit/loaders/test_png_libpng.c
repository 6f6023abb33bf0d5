/* test_png_libpng.c - what libpng reads, png_decode reads, with the same pixels; and what
 * libpng refuses, it refuses. Each kind of damage in each type of chunk, in each place,
 * and every byte of small files changed or cut off: all read by both.
 *
 * By libpng means: png_read_info and png_read_image, no warning heard. Not refused by
 * libpng but here are only pictures that are too large, and streams that go on for
 * long. */
#include <setjmp.h>
#include <png.h>
#include "../../../loaders/png.h"
#include "png_files.h"

/* --- libpng ------------------------------------------------------------------------- */

static size_t reached;
static int warnings;
static jmp_buf refused;

static void peer_error(png_structp png, png_const_charp text) {
    (void)png, (void)text;
    longjmp(refused, 1);
}

static void peer_warning(png_structp png, png_const_charp text) {
    (void)png, (void)text;
    warnings++;
}

static void peer_read(png_structp png, png_bytep bytes, size_t n) {
    if (n > n_file - reached) png_error(png, "Read Error");
    memcpy(bytes, file + reached, n);
    reached += n;
}

#define MOST_SIDE 64

typedef struct peer_picture {
    unsigned width, height;
    int channels, depth;
    unsigned char rows[MOST_SIDE][MOST_SIDE * 8];
} peer_picture;

static png_structp peer;
static png_infop info;

static int peer_run(peer_picture *p) {
    png_bytep rows[MOST_SIDE];
    if (setjmp(refused)) return 0;
    png_set_read_fn(peer, NULL, peer_read);
    png_read_info(peer, info);
    p->width = png_get_image_width(peer, info);
    p->height = png_get_image_height(peer, info);
    if (p->width > MOST_SIDE || p->height > MOST_SIDE) return 0;
    png_set_expand(peer);
    png_set_interlace_handling(peer);
    png_read_update_info(peer, info);
    p->channels = png_get_channels(peer, info);
    p->depth = png_get_bit_depth(peer, info);
    for (int y = 0; y < MOST_SIDE; y++) rows[y] = p->rows[y];
    png_read_image(peer, rows);
    return 1;
}

/* claims_much - whether a chunk before the data claims a megabyte. libpng refuses the
 * file, but not before it has cleared so much memory: gigabytes, where many files are
 * tried. */
static int claims_much(void) {
    for (size_t at = 8; at + 8 <= n_file; at += word_at(at) + 12) {
        if (!memcmp(file + at + 4, "IDAT", 4)) return 0;
        if (word_at(at) >> 20) return 1;
    }
    return 0;
}

static int peer_decode(peer_picture *p) {
    if (claims_much()) return 0;
    reached = 0;
    warnings = 0;
    peer = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, peer_error, peer_warning);
    info = png_create_info_struct(peer);
    const int rc = peer_run(p);
    png_destroy_read_struct(&peer, &info, NULL);
    return rc;
}

/* --- both --------------------------------------------------------------------------- */

static unsigned peer_sample(const peer_picture *p, unsigned x, unsigned y, int c) {
    const unsigned char *row = p->rows[y];
    const unsigned i = x * (unsigned)p->channels + (unsigned)c;
    return p->depth == 16 ? (unsigned)row[2 * i] << 8 | row[2 * i + 1] : row[i];
}

static unsigned peer_grey(const peer_picture *p, unsigned x, unsigned y) {
    const unsigned r = peer_sample(p, x, y, 0);
    if (p->channels < 3) return r;
    return (6968 * r + 23434 * peer_sample(p, x, y, 1) + 2366 * peer_sample(p, x, y, 2) +
            16384) >>
           15;
}

static int same_pixels(const png_picture *ours, const peer_picture *p) {
    unsigned used = 255;
    int same = ours->width == (int)p->width && ours->height == (int)p->height;
    for (unsigned y = 0; y < p->height; y++)
        for (unsigned x = 0; x < p->width && p->depth == 16; x++)
            used |= peer_grey(p, x, y);
    while (used & (used + 1)) used |= used >> 1; /* 2^k - 1 */
    for (unsigned y = 0; same && y < p->height; y++)
        for (unsigned x = 0; x < p->width; x++) {
            const size_t i = y * p->width + x;
            const unsigned grey = peer_grey(p, x, y);
            unsigned alpha = p->channels % 2 ? 255
                                             : peer_sample(p, x, y, p->channels - 1);
            if (p->depth == 16 && p->channels % 2 == 0)
                alpha = (unsigned)((double)alpha / 257 + 0.5);
            same &= ours->deep ? ours->deep[i] == (grey * 65535u + used / 2) / used
                               : ours->grey[i] == grey;
            same &= (ours->alpha ? ours->alpha[i] : 255) == alpha;
        }
    return same;
}

enum { REFUSED = 0, READ = 1 };

static const char *what_for(const char *error) { return *error ? error : "read"; }

/* both - REFUSED or READ, on which both agree. */
static int both(const char *kind) {
    static peer_picture p;
    char error[512] = "";
    png_picture ours;
    const int theirs = peer_decode(&p);
    const int rc = png_decode(&ours, file, n_file, NULL, error, sizeof error);
    const int excused = strstr(error, "pixels; expected") ||
                        strstr(error, "bytes; exp") ||
                        strstr(error, "of data follow the last row");
    int agreed = excused || (rc == PNG_OK) == theirs;
    if (agreed && !excused && theirs) agreed = same_pixels(&ours, &p);
    if (!CHECK(agreed))
        printf("%s: libpng %s, we: %s\n", kind, theirs ? "reads" : "refuses",
               what_for(error));
    png_picture_free(&ours);
    return rc == PNG_OK ? READ : REFUSED;
}

/* --- pictures ----------------------------------------------------------------------- */

static const int colours[] = {0, 2, 3, 4, 6};
static unsigned char noise_bytes[6000], zero_bytes[6000];

/* The picture with a chunk in one of four places: in front of PLTE, of tRNS, of IDAT, of
 * IEND.
 * damage: 0 none, 1 wrong CRC, 2 twice. */
static void with_chunk(int colour, int place, const char *type, size_t n, int damage,
                       const unsigned char *content) {
    static int made = -1;
    const unsigned char *parts = original;
    if (made != colour) original_make(colour, 0);
    made = colour;
    n_file = 8;
    int here = 0;
    for (size_t at = 8; at < n_original;) {
        const size_t size = (size_t)(parts[at + 2] << 8 | parts[at + 3]) + 12;
        const char *name = (const char *)parts + at + 4;
        const int before = !memcmp(name, "PLTE", 4)   ? 0
                           : !memcmp(name, "tRNS", 4) ? 1
                           : !memcmp(name, "IDAT", 4) ? 2
                           : !memcmp(name, "IEND", 4) ? 3
                                                      : -1;
        if (!here && before >= place) {
            for (int i = 0; i < 1 + (damage == 2); i++) add_chunk(type, content, n);
            if (damage == 1) file[n_file - 1] ^= 1;
            here = 1;
        }
        memcpy(file + n_file, parts + at, size);
        n_file += size;
        at += size;
    }
}

/* --- tests -------------------------------------------------------------------------- */

/* Nothing that is no pixels can be a reason to refuse a picture. */
static void test_ancillary(void) {
    static const char types[][5] = {
        "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "sPLT", "tIME",
        "iTXt", "tEXt", "zTXt", "eXIf", "oFFs", "pCAL", "sCAL", "gIFg", "gIFt", "gIFx",
        "sTER", "dSIG", "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT", "caBX", "prVt"};
    static const size_t lengths[] = {0, 1, 9, 32, 5000};
    char kind[100];
    int right = 1;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
            for (int way = 0; way < 5 * 4 * 3 * 2; way++) {
                const int colour = colours[way / 24], place = way % 4;
                const int damage = way / 4 % 3, zeros = way / 12 % 2;
                with_chunk(colour, place, types[t], lengths[k], damage,
                           zeros ? zero_bytes : noise_bytes);
                snprintf(kind, sizeof kind, "%.4s of %zu, colour %d, place %d, damage %d",
                         types[t], lengths[k], colour, place, damage);
                right &= both(kind) == READ;
            }
    CHECK(right);
}

/* PLTE and tRNS of any length in any place; unknown critical ones; a second IHDR, an
 * IEND. */
static void test_critical(void) {
    static const char types[][5] = {"PLTE", "tRNS", "IDAT", "IEND",
                                    "IHDR", "CgBI", "ABCD"};
    char kind[100];
    int read[7] = {0}, n = 0;
    for (int t = 0; t < 7; t++)
        for (size_t length = 0; length < 800; length += length < 14 ? 1 : 97)
            for (int way = 0; way < 5 * 4 * 3; way++, n++) {
                const int colour = colours[way / 12], place = way % 4;
                with_chunk(colour, place, types[t], length, way / 4 % 3, noise_bytes);
                snprintf(kind, sizeof kind, "%.4s of %zu, colour %d, place %d, damage %d",
                         types[t], length, colour, place, way / 4 % 3);
                read[t] += both(kind) == READ;
            }
    CHECK(read[0] > 100 && read[1] > 500); /* palettes of greys, tRNS of RGBA, … */
    with_chunk(0, 2, "PLTE", 6, 0, noise_bytes);
    CHECK(both("a palette in greyscale") == READ);
    with_chunk(6, 2, "tRNS", 6, 0, noise_bytes);
    CHECK(both("tRNS in RGBA") == READ);
    with_chunk(2, 0, "tRNS", 200, 0, noise_bytes);
    CHECK(both("tRNS too long") == READ);
    with_chunk(4, 2, "ABCD", 4, 0, noise_bytes);
    CHECK(both("critical, unknown") == REFUSED);
}

/* The palette and alphas of it of 1 to 16 colours, of 1 to 4 bits. */
static void test_palettes(void) {
    char kind[100];
    for (int depth = 1; depth <= 4; depth *= 2)
        for (size_t colours_n = 1; colours_n <= 20; colours_n++)
            for (size_t alphas = 0; alphas <= 22; alphas++) {
                start(9, 2, depth, 3, 0);
                add_chunk("PLTE", noise_bytes, 3 * colours_n);
                if (alphas) add_chunk("tRNS", noise_bytes + 999, alphas);
                const size_t n =
                    pack(noise_bytes + 4000, 2 * (1 + (9 * (size_t)depth + 7) / 8));
                add_chunk("IDAT", packed, n);
                end();
                snprintf(kind, sizeof kind, "%zu colours, %zu alphas, %d bits", colours_n,
                         alphas, depth);
                both(kind);
            }
}

/* A picture of grey, 28×28 of noise, its data changed. */
static int data(const char *kind, const unsigned char *bytes, size_t n, size_t part) {
    start(28, 28, 8, 0, 0);
    for (size_t at = 0; at < n; at += part)
        add_chunk("IDAT", bytes + at, n - at < part ? n - at : part);
    end();
    return both(kind);
}

static void test_data(void) {
    static unsigned char raw[28 * 29 + 100000], copy[200000];
    static const size_t parts[] = {100000000, 8192, 100, 7, 1};
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = i % 29 ? noise_bytes[i % 5000] : (unsigned char)(i % 5);
    for (size_t k = 0; k < 5; k++) {
        const size_t n = pack(raw, 28 * 29), part = parts[k];
        memcpy(copy, packed, n);
        CHECK(data("right", copy, n, part) == READ);
        for (size_t cut = 1; cut < 40; cut++) data("cut off", copy, n - cut, part);
        for (size_t i = 0; i < n; i += i < n - 12 ? 17 : 1) {
            copy[i] ^= 4;
            data("one bit", copy, n, part);
            copy[i] ^= 4;
        }
        memset(copy + n, 0x55, 10000);
        for (size_t more = 1; more < 10000; more = 3 * more + 1)
            CHECK(data("bytes behind the stream", copy, n + more, part) == READ);
        for (size_t more = 1; more <= 100000; more *= 10) {
            const size_t m = pack(raw, 28 * 29 + more);
            memcpy(copy, packed, m);
            data("too much data", copy, m, part);
        }
        for (size_t less = 1; less < 28 * 29; less *= 3) {
            const size_t m = pack(raw, 28 * 29 - less);
            memcpy(copy, packed, m);
            CHECK(data("too few data", copy, m, part) == REFUSED);
        }
    }
    for (int row = 0; row < 28; row++) {
        raw[29 * row] ^= 8;
        const size_t n = pack(raw, 28 * 29);
        CHECK(data("an unknown filter", packed, n, 1000) == REFUSED);
        raw[29 * row] ^= 8;
    }
}

/* The end: without IEND, with a part of it, a wrong one, and more behind it. */
static void test_ends(void) {
    for (int k = 0; k < 5; k++) {
        original_make(colours[k], 0);
        for (size_t lost = 1; lost <= 12; lost++) {
            n_file = n_original - lost;
            CHECK(both("IEND cut off") == READ);
        }
        for (size_t i = 1; i <= 12; i++) {
            n_file = n_original;
            file[n_file - i] ^= 0x11;
            CHECK(both("IEND wrong") == READ);
            file[n_file - i] ^= 0x11;
        }
        memcpy(file + n_original, original, n_original);
        n_file = 2 * n_original;
        CHECK(both("a picture behind the picture") == READ);
    }
}

/* Chunks IDAT with others in between, empty ones, ones with a wrong CRC. */
static void test_idat(void) {
    static unsigned char raw[28 * 29];
    char kind[100];
    for (size_t i = 0; i < sizeof raw; i++) raw[i] = i % 29 ? noise_bytes[i] : 1;
    const size_t n = pack(raw, sizeof raw);
    for (size_t at = 0; at <= n; at += 97)
        for (int way = 0; way < 5; way++) {
            start(28, 28, 8, 0, 0);
            add_chunk("IDAT", packed, at);
            if (way == 1) add_chunk("tEXt", "a\0b", 3);
            if (way == 2) add_chunk("IDAT", NULL, 0);
            if (way == 3) file[n_file - 1] ^= 1;
            if (way == 4) add_chunk("IEND", NULL, 0);
            add_chunk("IDAT", packed + at, n - at);
            end();
            snprintf(kind, sizeof kind, "IDAT after %zu bytes, way %d", at, way);
            both(kind);
        }
    start(28, 28, 8, 0, 0);
    add_chunk("IDAT", packed, n);
    file[n_file - 1] ^= 1;
    end();
    CHECK(both("CRC of the only IDAT") == REFUSED);
    start(28, 28, 8, 0, 0);
    add_chunk("IDAT", packed, n);
    add_chunk("IDAT", "garbage", 7);
    end();
    CHECK(both("an IDAT behind the stream") == READ);
}

static void test_every_byte(void) {
    char kind[100];
    for (int k = 0; k < 10; k++) {
        original_make(colours[k / 2], k % 2);
        CHECK(both("right") == READ);
        for (n_file = 0; n_file < n_original; n_file++) both("cut off");
        for (size_t i = 0; i < n_original; i++)
            for (int flip = 1; flip < 256; flip += flip < 128 ? flip : 127) {
                file[i] ^= (unsigned char)flip;
                snprintf(kind, sizeof kind, "byte %zu ^ %d", i, flip);
                both(kind);
                file[i] = original[i];
            }
    }
}

static void test_random_damage(void) {
    unsigned noise = 7;
    int counts[2] = {0};
    for (int k = 0; k < 20000; k++) {
        if (k % 400 == 0) original_make(colours[k / 400 % 5], k / 2000 % 2);
        memcpy(file, original, n_original);
        n_file = n_original;
        const int changes = 1 + k % 3;
        for (int i = 0; i < changes; i++) {
            noise = noise * 1664525u + 1013904223u;
            /* The sizes in the header seldom, else nothing else is ever looked at. */
            const size_t from = k % 50 ? 24 : 8;
            file[from + (noise >> 8) % (n_original - from)] ^=
                (unsigned char)(1u << (noise >> 4) % 8u);
        }
        if (k % 2) repair();
        counts[both("random damage")]++;
    }
    CHECK(counts[READ] > 1000 && counts[REFUSED] > 1000);
}

int main(void) {
    unsigned noise = 1;
    for (size_t i = 0; i < sizeof noise_bytes; i++)
        noise_bytes[i] = (unsigned char)((noise = noise * 1664525u + 1013904223u) >> 24);
    test_ancillary();
    test_critical();
    test_palettes();
    test_data();
    test_idat();
    test_ends();
    test_every_byte();
    test_random_damage();
    return check_done("test_png_libpng");
}
