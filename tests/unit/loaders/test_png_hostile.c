/* test_png_hostile.c - PNGs that are wrong on purpose: what they cost, and what is said
 * of them.
 * And what png_decode does beside libpng: eXIf, 16 bits, stopping. */
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "../../../loaders/png.h"
#include "png_files.h"

static char error[512];

/* --- reading them ------------------------------------------------------------------- */

static double slowest; /* in seconds, of all that was wrong since it was last set to 0 */

/* The message, "" if there is none. */
static const char *decode(void) {
    png_picture p;
    struct timespec from, to;
    strcpy(error, "");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    const int rc = png_decode(&p, file, n_file, NULL, error, sizeof error);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    const double seconds = (double)(to.tv_sec - from.tv_sec) +
                           1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    CHECK((rc == PNG_OK) == (error[0] == 0));
    if (rc != PNG_OK) {
        CHECK(rc == PNG_ERROR && !p.grey && !p.alpha);
        if (seconds > slowest) slowest = seconds;
    }
    png_picture_free(&p);
    return error;
}

static void test_head(void) {
    static const struct {
        uint32_t width, height;
        int depth, colour, interlaced;
        const char *error;
    } heads[] = {
        {100000, 100000, 8, 0, 0,
         "PNG: header claims 100000x100000 pixels; expected 1x1 to 4096x4096"},
        {0, 1, 8, 0, 0, "PNG: header claims 0x1 pixels; expected 1x1 to 4096x4096"},
        {1, 4097, 8, 0, 0, "PNG: header claims 1x4097 pixels; expected 1x1 to 4096x4096"},
        {0xffffffff, 0x80000000, 8, 6, 1,
         "PNG: header claims 4294967295x2147483648 pixels; expected 1x1 to 4096x4096"},
        {4096, 4096, 16, 6, 0,
         "PNG: 4096x4096 pixels of its kind take 134221824 bytes; expected 50335744 at "
         "most"},
        {1, 1, 8, 1, 0, "PNG: header says colour type 1; expected 0, 2, 3, 4 or 6"},
        {1, 1, 8, 255, 0, "PNG: header says colour type 255; expected 0, 2, 3, 4 or 6"},
        {1, 1, 3, 0, 0,
         "PNG: header says 3 bits a sample, which colour type 0 cannot have"},
        {1, 1, 16, 3, 0,
         "PNG: header says 16 bits a sample, which colour type 3 cannot have"},
        {1, 1, 4, 6, 0,
         "PNG: header says 4 bits a sample, which colour type 6 cannot have"},
        {1, 1, 255, 2, 0,
         "PNG: header says 255 bits a sample, which colour type 2 cannot have"},
        {1, 1, 8, 0, 2,
         "PNG: header says compression 0, filtering 0 and interlacing 2; expected 0, 0 "
         "and "
         "0 or 1"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        start(heads[i].width, heads[i].height, heads[i].depth, heads[i].colour,
              heads[i].interlaced);
        add_zeros(64);
        end();
        CHECK_STR(decode(), heads[i].error);
    }
    start(1, 1, 8, 0, 0);
    n_file = 8;
    CHECK_STR(decode(), "PNG: ends within its header");
    add_chunk("IEND", NULL, 0);
    add_chunk("IEND", NULL, 0);
    add_chunk("IEND", NULL, 0);
    CHECK_STR(decode(), "PNG: first chunk is not IHDR with 13 bytes");
    file[0] = 0x88;
    CHECK_STR(decode(), "PNG: signature is missing");
}

/* Chunks of a 2×2 picture, each given by its type and length: "PLTE6" has 6 zeros. '*' is
 * an IDAT of all the data there must be, '[' and ']' are their halves. */
static const char *decode_chunks(int colour, const char *chunks) {
    static const unsigned char zeros[1000];
    static const size_t raw[] = {6, 0, 14, 6, 10, 0, 18};
    start(2, 2, 8, colour, 0);
    while (*chunks) {
        const size_t n = pack(NULL, raw[colour]);
        if (*chunks == '*') add_chunk("IDAT", packed, n);
        if (*chunks == '[') add_chunk("IDAT", packed, n / 2);
        if (*chunks == ']') add_chunk("IDAT", packed + n / 2, n - n / 2);
        if ((*chunks | 32) < 'a' || (*chunks | 32) > 'z') {
            chunks++;
            continue;
        }
        char *rest;
        const unsigned long size = strtoul(chunks + 4, &rest, 10);
        add_chunk(chunks, zeros, size);
        chunks = rest;
    }
    return decode();
}

/* What is said of a teXt that claims n bytes, where an IDAT and an IEND follow. */
static const char *claim(uint32_t n) {
    static char text[100];
    snprintf(text, sizeof text, "PNG: chunk teXt claims %lu bytes, but %zu are left",
             (unsigned long)n, n_file - 33 - 12);
    return text;
}

/* What the survey tells; what libpng tells is in test_png_libpng.c. */
static void test_chunks(void) {
    CHECK_STR(decode_chunks(0, "*IEND0"), "");
    CHECK_STR(decode_chunks(0, "*IEND0 anything"), "");
    CHECK_STR(decode_chunks(0, "*"), "");
    CHECK_STR(decode_chunks(0, "teXt9"), "PNG: ends without a chunk IDAT");
    CHECK_STR(decode_chunks(0, "IEND0"), "PNG: chunk IDAT is missing");
    CHECK_STR(decode_chunks(0, "IHDR13*IEND0"), "PNG: has two chunks IHDR");
    CHECK_STR(decode_chunks(0, "ABCD4*IEND0"), "PNG: critical chunk ABCD is unknown");
    CHECK_STR(
        decode_chunks(0, "CgBI4*IEND0"),
        "PNG: is Apple's form for iPhones (CgBI), which is not PNG; convert it with "
        "pngcrush -revert-iphone-optimizations");
    CHECK(strncmp(decode_chunks(3, "*IEND0"), "PNG: damaged: libpng says '", 27) == 0);

    decode_chunks(0, "teXt9*IEND0");
    const uint32_t n = word_at(33);
    file[33] = 1; /* of the length of teXt */
    CHECK_STR(decode(), claim(n + (1 << 24)));
    file[33] = 0xff;
    CHECK_STR(decode(), claim(n + 0xff000000u));
    file[33] = 0;
    file[37] = '!';
    CHECK_STR(decode(), "PNG: 21 65 58 74 at byte 37 is no chunk's type");
    file[37] = 't';
    file[29] ^= 1;
    CHECK_STR(decode(), "PNG: CRC of chunk IHDR is wrong");
    file[29] ^= 1;
    CHECK_STR(decode(), "");
    n_file = 40;
    CHECK_STR(decode(), "PNG: ends within a chunk's frame");
    decode_chunks(0, "*");
    n_file -= 6;
    CHECK_STR(decode(), "PNG: ends before its last row: it has been cut off");
}

/* --- which way up ------------------------------------------------------------------- */

/* A picture of 3×2, 1 to 6, with an eXIf of so many bytes. */
static const char *turned(const unsigned char *exif, size_t n, int depth, int interlaced,
                          int behind, int crc) {
    static const unsigned char plain[] = {0, 1, 2, 3, 0, 4, 5, 6};
    static const unsigned char adam7[] = {0, 1, 0, 3, 0, 2, 0, 4, 5, 6};
    static char text[40];
    unsigned char raw[20];
    size_t size = 0;
    png_picture p;
    const unsigned char *from = interlaced ? adam7 : plain;
    const size_t filters = interlaced ? 0x55 : 0x11; /* bit i: byte i is one */
    for (size_t i = 0; i < (interlaced ? sizeof adam7 : sizeof plain); i++) {
        raw[size++] = from[i];
        if (depth == 16 && !(filters >> i & 1)) raw[size++] = from[i];
    }
    start(3, 2, depth, 0, interlaced);
    if (!behind) add_chunk("eXIf", exif, n);
    if (!behind) file[n_file - 1] ^= (unsigned char)crc;
    add_chunk("IDAT", packed, pack(raw, size));
    if (behind) add_chunk("eXIf", exif, n);
    end();
    if (!CHECK(png_decode(&p, file, n_file, NULL, error, sizeof error) == PNG_OK))
        return error;
    snprintf(text, sizeof text, "%dx%d ", p.width, p.height);
    for (int i = 0; i < 6; i++)
        snprintf(text + 4 + i, 2, "%d",
                 p.deep ? (int)(p.deep[i] * 2047.0 / 65535 / 257 + 0.5) : p.grey[i]);
    png_picture_free(&p);
    return text;
}

static void test_orientation(void) {
    /* In the order of the standard: as it is, mirrored, turned by 180°, … */
    static const char *const ways[9] = {"3x2 123456", "3x2 123456", "3x2 321654",
                                        "3x2 654321", "3x2 456123", "2x3 142536",
                                        "2x3 415263", "2x3 635241", "2x3 362514"};
    unsigned char little[26] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1};
    unsigned char big[26] = {'M', 'M', 0,    42, 0, 0, 0, 8, 0,
                             1,   1,   0x12, 0,  3, 0, 0, 0, 1};
    for (unsigned char o = 0; o <= 9; o++) {
        const char *way = ways[o < 9 ? o : 1];
        little[18] = big[19] = o;
        for (int k = 0; k < 16; k++) {
            const unsigned char *exif = k & 1 ? big : little;
            CHECK_STR(turned(exif, 26, k & 2 ? 16 : 8, k >> 2 & 1, k >> 3, 0), way);
        }
        CHECK_STR(turned(little, 26, 8, 0, 0, 1), ways[1]); /* a wrong CRC */
    }
    little[18] = 6;
    for (size_t n = 0; n < 26; n++) /* all of the value is at byte 19 */
        CHECK_STR(turned(little, n, 8, 0, 0, 0), ways[n < 20 ? 1 : 6]);
    for (size_t i = 0; i < 18; i++) {   /* a damaged one is as none */
        if (i == 8 || i == 9) continue; /* more entries: the first is still there */
        little[i] ^= 0x40;
        CHECK_STR(turned(little, 26, 8, 0, 0, 0), ways[1]);
        little[i] ^= 0x40;
    }
}

/* 16 bits stay 16, and those of which the lowest alone are used are spread. */
static void test_deep(void) {
    static const unsigned tops[] = {1, 100, 255, 256, 4095, 4000, 32768, 65535};
    static const unsigned whites[] = {255, 255, 255, 511, 4095, 4095, 65535, 65535};
    for (int i = 0; i < 8; i++) {
        const unsigned char raw[5] = {0, (unsigned char)(tops[i] >> 8),
                                      (unsigned char)tops[i], 0, 1};
        png_picture p;
        start(2, 1, 16, 0, 0);
        add_chunk("IDAT", packed, pack(raw, 5));
        end();
        if (!CHECK(png_decode(&p, file, n_file, NULL, error, sizeof error) == PNG_OK))
            continue;
        CHECK(p.deep && !p.grey &&
              p.deep[0] == (tops[i] * 65535u + whites[i] / 2) / whites[i] &&
              p.deep[1] == (65535u + whites[i] / 2) / whites[i]);
        png_picture_free(&p);
    }
}

/* --- stopping ----------------------------------------------------------------------- */

static int countdown(void *context) { return (*(int *)context)-- <= 0; }

/* At any moment at which it asks, it can be stopped, and leaves nothing. */
static void test_stop(void) {
    png_picture p;
    unsigned char *out;
    size_t size;
    int asked = 0, rc = PNG_STOPPED;
    original_make(6, 1);
    for (int k = 0; rc == PNG_STOPPED && k < 1000; k++) {
        int left = k;
        const load_stop stop = {countdown, &left};
        rc = png_decode(&p, file, n_file, &stop, error, sizeof error);
        if (rc != PNG_STOPPED) break;
        CHECK_STR(error, "PNG: interrupted");
        CHECK(!p.grey && !p.alpha);
        asked++;
    }
    CHECK(rc == PNG_OK && asked > 10);
    png_picture_free(&p);
    int none = 0;
    const load_stop now = {countdown, &none};
    CHECK(png_encode(&out, &size, original, 8, 8, 4, &now, error, sizeof error) ==
          PNG_STOPPED);
    CHECK(!out);
}

/* --- bombs -------------------------------------------------------------------------- */

/* 28×28 that go on for a gigabyte; and a right one with the same beside its pixels. */
static void bombs_small(void) {
    const size_t gigabyte = pack(NULL, 1 << 30);
    start(28, 28, 8, 0, 0);
    add_chunk("IDAT", packed, gigabyte);
    end();
    CHECK_STR(decode(), "PNG: more than 16384 bytes of data follow the last row");
    start(28, 28, 8, 0, 0);
    memmove(packed + 3, packed, gigabyte);
    memcpy(packed, "a\0", 3);
    add_chunk("iCCP", packed, gigabyte + 3);
    add_chunk("zTXt", packed, gigabyte + 3);
    add_zeros(812);
    end();
    CHECK_STR(decode(), "");
    /* 16 million pixels in a kilobyte. */
    start(4096, 4096, 8, 0, 0);
    add_zeros(1000000);
    end();
    CHECK(strncmp(decode(), "PNG: header claims 4096x4096 pixels, but ", 41) == 0);
}

/* The largest there is, cut off near its end, or with a byte too few: these take as long
 * as the picture that they nearly are. */
static void bombs_large(void) {
    start(4096, 4096, 8, 2, 0);
    add_zeros(((size_t)3 * 4096 + 1) * 4096);
    end();
    n_file -= 30;
    CHECK_STR(decode(), "PNG: ends before its last row: it has been cut off");
    start(4096, 4096, 8, 2, 0);
    add_zeros(((size_t)3 * 4096 + 1) * 4096 - 1);
    end();
    CHECK_STR(decode(), "PNG: damaged: libpng says 'Not enough image data'");
}

/* Nothing may be allocated for what a file only claims, and for one that has data for so
 * many pixels no more than they take. That is seen by a limit on the process (a
 * sanitiser's own allocator would not live with it). */
static void test_bombs(void) {
#if !defined __SANITIZE_ADDRESS__ && defined __linux__
    struct rlimit before, little;
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm && fscanf(statm, "%*u %*u %*u %*u %*u %lu", &pages) == 1);
    if (statm) fclose(statm);
    CHECK(getrlimit(RLIMIT_DATA, &before) == 0);
    little = before;
    little.rlim_cur = pages * (unsigned long)sysconf(_SC_PAGESIZE) + (1 << 20);
    CHECK(setrlimit(RLIMIT_DATA, &little) == 0);
#endif
    slowest = 0;
    bombs_small();
    const double small = slowest;
    slowest = 0;
#if !defined __SANITIZE_ADDRESS__ && defined __linux__
    little.rlim_cur += 4096 * 4096;
    CHECK(setrlimit(RLIMIT_DATA, &little) == 0);
#endif
    bombs_large();
    printf("slowest error: %.1f ms; of 50 MB that are nearly right: %.1f ms\n",
           1e3 * small, 1e3 * slowest);
#if !defined __SANITIZE_ADDRESS__ && defined __linux__
    CHECK(setrlimit(RLIMIT_DATA, &before) == 0);
    /* An emulator takes its time. */
    CHECK(check_emulated() || (small < 0.15 && slowest < 0.5));
#endif
}

int main(void) {
    test_bombs();
    test_head();
    test_chunks();
    test_orientation();
    test_deep();
    test_stop();
    return check_done("test_png_hostile");
}
