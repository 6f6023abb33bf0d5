/* test_format.c - files of other formats are known by their first bytes; pixels are
 * none. */
#include "../../../loaders/format.h"
#include <stdlib.h>
#include "../check.h"

static const struct {
    const char *bytes;
    size_t size;
    const char *name;
} files[] = {
#define FILE_OF(text, name)                                                              \
    { text, sizeof text - 1, name }
    FILE_OF("\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
    FILE_OF("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
    FILE_OF("GIF89a\1\0\1\0", "a GIF picture"),
    FILE_OF("RIFF\x24\0\0\0WEBPVP8 ", "a WebP picture"),
    FILE_OF("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "a BMP picture"),
    FILE_OF("II*\0\x08\0\0\0", "a TIFF picture"),
    FILE_OF("MM\0*\0\0\0\x08", "a TIFF picture"),
    FILE_OF("\0\0\0\x18"
            "ftypheic\0\0\0\0",
            "a HEIC picture"),
    FILE_OF("\0\0\0\x18"
            "ftypmif1\0\0\0\0",
            "a HEIC picture"),
    FILE_OF("\0\0\0\x18"
            "ftypavif\0\0\0\0",
            "an AVIF picture"),
    FILE_OF("\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0", "an ICO picture"),
    FILE_OF("P6\n280 70\n255\n", "a PNM picture (PBM, PGM or PPM)"),
    FILE_OF("P2\n# made by hand\n", "a PNM picture (PBM, PGM or PPM)"),
    FILE_OF("%PDF-1.7\n", "a PDF document"),
    FILE_OF("<svg xmlns=\"http://www.w3.org/2000/svg\">", "an SVG drawing"),
    FILE_OF("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- a --><svg>", "an SVG drawing"),
    FILE_OF("<?xml version=\"1.0\"?><Error>AccessDenied</Error>", "an XML text"),
    FILE_OF("\n\n<!doctype HTML><title>404</title>", "an HTML page"),
    FILE_OF("<HTML><body>", "an HTML page"),
    FILE_OF("iVBORw0KGgoAAAANSUhEUg", "text in base64"),
    FILE_OF("/9j/4AAQSkZJRg", "text in base64"),
    FILE_OF("data:image/png;base64,iVBORw0KGgo", "a data: URI"),
    FILE_OF("89504E470D0A1A0A0000", "text in hexadecimal"),
    FILE_OF("version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
    FILE_OF("\x1f\x8b\x08\0\0\0\0\0", "gzip"),
    FILE_OF("PK\3\4\x14\0", "a ZIP archive"),
    FILE_OF("\x93NUMPY\1\0", "a NumPy array file"),
    FILE_OF("SQLite format 3\0", "an SQLite database"),
    FILE_OF("\xef\xbb\xbf\x89PNG\r\n\x1a\n",
            "a PNG behind a byte order mark: a text editor saved it"),
    FILE_OF("\xef\xbf\xbdPNG\r\n\x1a\n", "a PNG recoded as UTF-8 text"),
    FILE_OF("\x89PNG\n\x1a\n\0\0\0\r",
            "a PNG whose line ends a transfer as text has changed"),
};

static const char *name_of(const void *bytes, size_t size) {
    const file_format *f = file_format_of(bytes, size);
    return f ? f->name : "";
}

static void test_files(void) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        CHECK_STR(name_of(files[i].bytes, files[i].size), files[i].name);
        /* Cut off anywhere it is this or nothing known, and nothing behind its end is
         * read. */
        for (size_t n = 0; n < files[i].size; n++) {
            unsigned char *copy = malloc(n + 1);
            if (!copy) return;
            memcpy(copy, files[i].bytes, n);
            const file_format *f = file_format_of(copy, n);
            CHECK(!f || f->name[0]);
            free(copy);
        }
    }
}

/* Pixels that begin as a file does, and go on as none: of the right size, they are
 * pixels. */
static void test_perhaps(void) {
    static const struct {
        const char *first;
        size_t size;
        unsigned char rest;
    } pixels[] = {{"\xff\xd8\xff", 3, 0},    {"\xff\xd8\xff", 3, 0xf0},
                  {"\xff\xd8\xff", 3, 0xe8}, {"\xff\xd8\xff", 3, 0xff},
                  {"II*\0", 4, 0x80},        {"MM\0*", 4, 0xff},
                  {"MM\0*", 4, 0},           {"PK\3\4", 4, 0}};
    unsigned char bytes[784];
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++) {
        memset(bytes, pixels[i].rest, sizeof bytes);
        memcpy(bytes, pixels[i].first, pixels[i].size);
        const file_format *f = file_format_of(bytes, sizeof bytes);
        CHECK(f && !f->sure);
    }
    /* A real one, whose second segment is in sight, and one whose first is too long. */
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xdb", 22);
    CHECK(file_format_of(bytes, sizeof bytes)->sure);
    memcpy(bytes,
           "\xff\xd8\xff\xe1\x7f\xf0"
           "Exif\0\0",
           12);
    CHECK(file_format_of(bytes, sizeof bytes)->sure);
}

/* Of a million random blobs hardly any is believed to be a file; those of one value,
 * none. */
static void test_pixels(void) {
    unsigned char pixels[64];
    unsigned noise = 1;
    int sure = 0;
    for (int k = 0; k < 1000000; k++) {
        for (int i = 0; i < 16; i++)
            pixels[i] = (unsigned char)((noise = noise * 1664525u + 1013904223u) >> 24);
        const file_format *f = file_format_of(pixels, 16);
        sure += f && f->sure;
    }
    CHECK(sure < 3);
    for (int value = 0; value < 256; value++) {
        memset(pixels, value, sizeof pixels);
        CHECK(!file_format_of(pixels, sizeof pixels));
    }
}

int main(void) {
    test_files();
    test_perhaps();
    test_pixels();
    return check_done("test_format");
}
