/* test_png_hostile.c - PNGs that are wrong on purpose: each kind is told by its exact message,
 * within 50 ms and, where nothing sanitises, 1 MB of memory; and a small file with any byte
 * changed or its end cut off is never anything but an error. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include "../../../loaders/png.h"
#include "../check.h"

static char error[512];

/* --- making files --------------------------------------------------------------------------- */

static unsigned char file[16 << 20];
static size_t n_file;

static void add_word(uint32_t word) {
    for (int i = 24; i >= 0; i -= 8) file[n_file++] = (unsigned char)(word >> i);
}

static uint32_t word_at(size_t i) {
    return (uint32_t)file[i] << 24 | (uint32_t)file[i + 1] << 16 |
           (uint32_t)file[i + 2] << 8 | file[i + 3];
}

static void add_chunk(const char *type, const void *content, size_t n) {
    add_word((uint32_t)n);
    memcpy(file + n_file, type, 4);
    if (n) memcpy(file + n_file + 4, content, n);
    const uLong crc = crc32(0, file + n_file, (uInt)n + 4);
    n_file += n + 4;
    add_word((uint32_t)crc);
}

static void start(uint32_t width, uint32_t height, int depth, int colour,
                  int interlaced) {
    n_file = 0;
    add_word(0x89504e47);
    add_word(0x0d0a1a0a);
    const unsigned char head[13] = {(unsigned char)(width >> 24),
                                    (unsigned char)(width >> 16),
                                    (unsigned char)(width >> 8),
                                    (unsigned char)width,
                                    (unsigned char)(height >> 24),
                                    (unsigned char)(height >> 16),
                                    (unsigned char)(height >> 8),
                                    (unsigned char)height,
                                    (unsigned char)depth,
                                    (unsigned char)colour,
                                    0,
                                    0,
                                    (unsigned char)interlaced};
    add_chunk("IHDR", head, 13);
}

static unsigned char packed[8 << 20];

/* n zeros, or what bytes says, as a zlib stream in packed; its size. */
static size_t pack(const unsigned char *bytes, size_t n) {
    static const unsigned char zeros[1 << 16];
    z_stream z = {0};
    CHECK(deflateInit(&z, 9) == Z_OK);
    z.next_out = packed;
    z.avail_out = sizeof packed;
    while (n > 0) {
        const size_t part = bytes || n < sizeof zeros ? n : sizeof zeros;
        z.next_in = (z_const Bytef *)(bytes ? bytes : zeros);
        z.avail_in = (uInt)part;
        CHECK(deflate(&z, Z_NO_FLUSH) == Z_OK);
        n -= part;
    }
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static void add_zeros(size_t n) { add_chunk("IDAT", packed, pack(NULL, n)); }

static void end(void) { add_chunk("IEND", NULL, 0); }

/* --- reading them --------------------------------------------------------------------------- */

static double slowest; /* in seconds, of all that was wrong since it was last set to 0 */

/* The message, "" if there is none. */
static const char *decode(void) {
    png_picture p;
    struct timespec from, to;
    strcpy(error, "");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    const int rc = png_decode(&p, file, n_file, error, sizeof error);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    const double seconds = (double)(to.tv_sec - from.tv_sec) +
                           1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    CHECK((rc == PNG_OK) == (error[0] == 0));
    if (rc != PNG_OK) {
        CHECK(rc == PNG_ERROR && !p.grey && !p.alpha);
        CHECK(!strstr(error, "libpng")); /* whatever is wrong is found before it */
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

/* Chunks of a 2×2 picture, each given by its type and length: "PLTE6" has 6 zeros. '*' is an
 * IDAT of all the data there must be, '[' and ']' are their halves. */
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

/* What is said of an IDAT that claims n bytes, where there is but an IEND behind it. */
static const char *claim(uint32_t n) {
    static char text[100];
    snprintf(text, sizeof text, "PNG: chunk IDAT claims %lu bytes, but %zu are left",
             (unsigned long)n, n_file - 33 - 12);
    return text;
}

static void test_chunks(void) {
    CHECK_STR(decode_chunks(0, "*IEND0"), "");
    CHECK_STR(decode_chunks(0, "[]IEND0"), "");
    CHECK_STR(decode_chunks(0, "IDAT0[IDAT0]IDAT0IEND0"), "");
    CHECK_STR(decode_chunks(0, "*IEND0 anything"), "");
    CHECK_STR(decode_chunks(0, "teXt9*IEND0"), "");
    CHECK_STR(decode_chunks(3, "PLTE6tRNS1*IEND0"), "");
    CHECK_STR(decode_chunks(2, "PLTE6tRNS6*IEND0"), "");
    CHECK_STR(decode_chunks(6, "PLTE6*IEND0"), "");

    CHECK_STR(decode_chunks(0, "*"), "PNG: ends without a chunk IEND");
    CHECK_STR(decode_chunks(0, "IEND0"), "PNG: chunk IDAT is missing");
    CHECK_STR(decode_chunks(0, "*IEND1"), "PNG: chunk IEND is not empty");
    CHECK_STR(decode_chunks(0, "*IHDR13IEND0"), "PNG: has two chunks IHDR");
    CHECK_STR(decode_chunks(0, "[teXt5]IEND0"),
              "PNG: chunks IDAT do not follow each other");
    CHECK_STR(decode_chunks(0, "CgBI4*IEND0"), "PNG: critical chunk CgBI is unknown");
    CHECK_STR(decode_chunks(3, "*IEND0"), "PNG: chunk PLTE is missing");
    CHECK_STR(decode_chunks(3, "PLTE6PLTE6*IEND0"), "PNG: chunk PLTE is out of place");
    CHECK_STR(decode_chunks(2, "*PLTE6IEND0"), "PNG: chunk PLTE is out of place");
    CHECK_STR(decode_chunks(0, "PLTE6*IEND0"),
              "PNG: a greyscale picture has a chunk PLTE");
    CHECK_STR(decode_chunks(3, "PLTE4*IEND0"),
              "PNG: chunk PLTE has 4 bytes; expected 3 for each of 1 to 256 colours");
    CHECK_STR(decode_chunks(3, "PLTE0*IEND0"),
              "PNG: chunk PLTE has 0 bytes; expected 3 for each of 1 to 256 colours");
    CHECK_STR(decode_chunks(3, "PLTE771*IEND0"),
              "PNG: chunk PLTE has 771 bytes; expected 3 for each of 1 to 256 colours");
    CHECK_STR(decode_chunks(3, "tRNS1PLTE6*IEND0"), "PNG: chunk tRNS is out of place");
    CHECK_STR(decode_chunks(0, "*tRNS2IEND0"), "PNG: chunk tRNS is out of place");
    CHECK_STR(decode_chunks(0, "tRNS2tRNS2*IEND0"), "PNG: chunk tRNS is out of place");
    CHECK_STR(decode_chunks(0, "tRNS3*IEND0"),
              "PNG: chunk tRNS has 3 bytes, which does not fit colour type 0");
    CHECK_STR(decode_chunks(3, "PLTE6tRNS3*IEND0"),
              "PNG: chunk tRNS has 3 bytes, which does not fit colour type 3");
    CHECK_STR(decode_chunks(4, "tRNS2*IEND0"),
              "PNG: chunk tRNS has 2 bytes, which does not fit colour type 4");

    /* Alpha for colours that one bit cannot name; colours without any do no harm. */
    static const unsigned char zeros[12];
    start(2, 2, 1, 3, 0);
    add_chunk("PLTE", zeros, 12);
    add_chunk("tRNS", zeros, 3);
    add_zeros(4);
    end();
    CHECK_STR(decode(), "PNG: chunk tRNS has 3 bytes, which does not fit colour type 3");
    start(2, 2, 1, 3, 0);
    add_chunk("PLTE", zeros, 12);
    add_chunk("tRNS", zeros, 2);
    add_zeros(4);
    end();
    CHECK_STR(decode(), "");

    decode_chunks(0, "*IEND0");
    const uint32_t n = word_at(33);
    file[33] = 1; /* of the length of IDAT */
    CHECK_STR(decode(), claim(n + (1 << 24)));
    file[33] = 0xff;
    CHECK_STR(decode(), claim(n + 0xff000000u));
    file[33] = 0;
    file[37] = '!';
    CHECK_STR(decode(), "PNG: 21 44 41 54 at byte 37 is no chunk's type");
    file[37] = 'I';
    file[41] ^= 1;
    CHECK_STR(decode(), "PNG: CRC of chunk IDAT is wrong");
    file[41] ^= 1;
    file[29] ^= 1;
    CHECK_STR(decode(), "PNG: CRC of chunk IHDR is wrong");
    file[29] ^= 1;
    CHECK_STR(decode(), "");
    n_file -= 5;
    CHECK_STR(decode(), "PNG: ends within a chunk's frame");
}

/* A 2×2 picture of 8 bits grey, its data given as they are in IDAT. */
static const char *decode_data(const unsigned char *bytes, size_t n) {
    start(2, 2, 8, 0, 0);
    add_chunk("IDAT", bytes, n);
    end();
    return decode();
}

static void test_data(void) {
    static const unsigned char filter[6] = {0, 1, 2, 5, 1, 2};
    size_t n = pack(NULL, 6);
    CHECK_STR(decode_data(packed, n), "");
    CHECK_STR(decode_data(packed, n - 4), "PNG: compressed data are cut off");
    packed[n - 1] ^= 1;
    CHECK_STR(decode_data(packed, n),
              "PNG: compressed data are damaged: incorrect data check");
    packed[n - 1] ^= 1;
    packed[n] = 0;
    CHECK_STR(decode_data(packed, n + 1), "PNG: 1 bytes follow the compressed data");
    CHECK_STR(decode_data(packed, pack(NULL, 5)),
              "PNG: compressed data end after 5 of the 6 bytes that 2x2 pixels need");
    CHECK_STR(
        decode_data(packed, pack(NULL, 7)),
        "PNG: compressed data unpack to more than the 6 bytes that 2x2 pixels need");
    CHECK_STR(decode_data(packed, pack(filter, 6)), "PNG: a row has an unknown filter");
    CHECK_STR(decode_data(filter, 0),
              "PNG: compressed data end after 0 of the 6 bytes that 2x2 pixels need");
    CHECK_STR(decode_data(filter, 6),
              "PNG: compressed data are damaged: incorrect header check");
    static const unsigned char dictionary[] = {0x78, 0xbb, 0, 0, 0, 1, 3, 0};
    CHECK_STR(decode_data(dictionary, sizeof dictionary),
              "PNG: compressed data are damaged: a dictionary is asked for");
}

/* --- bombs -------------------------------------------------------------------------------------- */

/* 28×28 that go on for a gigabyte; and a right one with the same beside its pixels. */
static void bombs_small(void) {
    const size_t gigabyte = pack(NULL, 1 << 30);
    start(28, 28, 8, 0, 0);
    add_chunk("IDAT", packed, gigabyte);
    end();
    CHECK_STR(decode(), "PNG: compressed data unpack to more than the 812 bytes that "
                        "28x28 pixels need");
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
    /* The largest there is, cut off or damaged near its end. */
    start(4096, 4096, 8, 2, 0);
    add_zeros(((size_t)3 * 4096 + 1) * 4096);
    end();
    n_file -= 12;
    CHECK_STR(decode(), "PNG: ends without a chunk IEND");
    n_file -= 4;
    CHECK(strncmp(decode(), "PNG: chunk IDAT claims ", 23) == 0);
    n_file += 16;
    file[n_file - 20] ^= 1;
    CHECK_STR(decode(), "PNG: CRC of chunk IDAT is wrong");
}

/* As large as they may be, all of it right but for one byte too few or some too many: these
 * take as long as the pictures that they nearly are. */
static void bombs_large(void) {
    start(4096, 4096, 8, 2, 0);
    add_zeros(((size_t)3 * 4096 + 1) * 4096 - 1);
    end();
    CHECK_STR(decode(), "PNG: compressed data end after 50335743 of the 50335744 bytes "
                        "that 4096x4096 pixels need");
    start(4096, 4096, 8, 0, 1);
    add_zeros((size_t)4096 * 4096 + 4096 / 8 * 15 + 1);
    end();
    CHECK_STR(decode(),
              "PNG: compressed data unpack to more than the 16784896 bytes that "
              "4096x4096 pixels need");
}

/* Nothing may be allocated for what a file only claims. That is seen by a limit on the
 * process (a sanitiser's own allocator would not live with it). */
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
    bombs_large();
    printf("slowest error: %.1f ms; of 50 MB that are nearly right: %.1f ms\n",
           1e3 * small, 1e3 * slowest);
#if !defined __SANITIZE_ADDRESS__ && defined __linux__
    CHECK(setrlimit(RLIMIT_DATA, &before) == 0);
    /* An emulator takes its time. */
    CHECK(check_emulated() || (small < 0.05 && slowest < 0.25));
#endif
}

/* --- every byte ------------------------------------------------------------------------------------ */

static unsigned char original[4096];
static size_t n_original;

static void original_make(int colour, int interlaced) {
    static const unsigned char colours[9] = {1, 2, 3, 250, 0, 7, 8, 9, 200};
    static const int samples[] = {1, 0, 3, 1, 2, 0, 4};
    unsigned char raw[1000] = {0};
    size_t n = 0;
    start(5, 3, 8, colour, interlaced);
    if (colour == 3) {
        add_chunk("PLTE", colours, 9);
        add_chunk("tRNS", colours, 3);
    }
    if (colour == 2) add_chunk("tRNS", colours, 6);
    add_chunk("tEXt", "Title\0digit", 11);
    /* Adam7 makes of 5×3: 1×1, 1×1, nothing, 1×1, 3×1, 2×2, 5×1. */
    static const int widths[] = {1, 1, 1, 3, 2, 2, 5};
    for (int row = 0; row < (interlaced ? 7 : 3); row++) {
        const int width = interlaced ? widths[row] : 5;
        raw[n++] = (unsigned char)(row % 5);
        for (int i = 0; i < width * samples[colour]; i++)
            raw[n++] = (unsigned char)(colour == 3 ? i % 3 : 37 * i + row);
    }
    const size_t size = pack(raw, n);
    add_chunk("IDAT", packed, size / 2);
    add_chunk("IDAT", packed + size / 2, size - size / 2);
    end();
    memcpy(original, file, n_file);
    n_original = n_file;
}

static void test_every_byte(void) {
    static const int colours[] = {0, 2, 3, 4, 6};
    for (int k = 0; k < 10; k++) {
        int errors = 0;
        original_make(colours[k / 2], k % 2);
        CHECK_STR(decode(), "");
        for (n_file = 0; n_file < n_original; n_file++) errors += *decode() != 0;
        CHECK(errors == (int)n_original);
        for (size_t i = 0; i < n_original; i++)
            for (int flip = 1; flip < 256; flip += flip < 128 ? flip : 127) {
                file[i] ^= (unsigned char)flip;
                if (!*decode())
                    printf("byte %zu ^ %d was not noticed\n", i, flip), errors--;
                file[i] = original[i];
            }
        CHECK(errors == (int)n_original);
    }
}

/* Checksums made right again after a change, so that it reaches what lies behind them. */
static void repair(void) {
    for (size_t at = 8; n_file - at >= 12;) {
        const size_t n = word_at(at);
        if (n > n_file - at - 12) return;
        const uint32_t crc = (uint32_t)crc32(0, file + at + 4, (uInt)n + 4);
        for (int i = 0; i < 4; i++)
            file[at + 8 + n + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
        at += n + 12;
    }
}

static void test_random_damage(void) {
    static const int colours[] = {0, 2, 3, 4, 6};
    unsigned noise = 7;
    int read = 0, refused = 0;
    for (int k = 0; k < 40000; k++) {
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
        repair();
        if (*decode())
            refused++;
        else
            read++;
    }
    CHECK(read > 1000 && refused > 1000);
}

int main(void) {
    test_bombs();
    test_head();
    test_chunks();
    test_data();
    test_every_byte();
    test_random_damage();
    return check_done("test_png_hostile");
}
