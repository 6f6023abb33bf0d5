/* format.c - what bytes are that are not what was expected: see format.h.
 *
 *     ff d8 ff                      JPEG          89 50 4e 47 …        PNG
 *     "GIF87a", "GIF89a"            GIF           "RIFF" size "WEBP"   WebP
 *     "BM" size 00 00 00 00         BMP           "II" 2a 00, "MM" 00 2a   TIFF
 *     size "ftyp" "heic", "avif" …  HEIC, AVIF    "%PDF-"              PDF
 *     00 00 01 00 count             ICO           "P1" … "P6"          PNM
 *     1f 8b 08                      gzip          "PK" 03 04           ZIP
 *
 * and texts: HTML, SVG, base64, data URIs, the pointers of Git LFS. */
#include <string.h>
#include <strings.h>
#include "format.h"

#define CONVERT "convert it to PNG"
#define DECODE  "decode it to bytes"

static const file_format jpeg = {"a JPEG picture", CONVERT, 1};
static const file_format jpeg_perhaps = {"a JPEG picture", CONVERT, 0};
static const file_format png = {"a PNG picture", "give its bytes as a BLOB", 1};
static const file_format gif = {"a GIF picture", CONVERT, 1};
static const file_format webp = {"a WebP picture", CONVERT, 1};
static const file_format bmp = {"a BMP picture", CONVERT, 1};
static const file_format tiff = {"a TIFF picture", CONVERT, 1};
static const file_format tiff_perhaps = {"a TIFF picture", CONVERT, 0};
static const file_format heic = {"a HEIC picture", CONVERT, 1};
static const file_format avif = {"an AVIF picture", CONVERT, 1};
static const file_format ico = {"an ICO picture", CONVERT, 0};
static const file_format pnm = {"a PNM picture (PBM, PGM or PPM)", CONVERT, 0};
static const file_format pdf = {"a PDF document", "export its page as PNG", 1};
static const file_format svg = {"an SVG drawing", "export it as PNG", 1};
static const file_format html = {
    "an HTML page", "the download gave a page, an error maybe, and no picture", 1};
static const file_format xml = {"an XML text", CONVERT, 1};
static const file_format base64 = {"text in base64", DECODE, 1};
static const file_format uri = {"a data: URI", DECODE, 1};
static const file_format hex = {"text in hexadecimal", DECODE, 1};
static const file_format lfs = {"a pointer of Git LFS",
                                "fetch the file by 'git lfs pull'", 1};
static const file_format gzip = {"gzip", "unpack it", 0};
static const file_format zip = {"a ZIP archive", "unpack it", 1};
static const file_format zip_perhaps = {"a ZIP archive", "unpack it", 0};
static const file_format npy = {"a NumPy array file", "give its bytes without the header",
                                1};
static const file_format sqlite = {"an SQLite database", "ATTACH it", 1};
static const file_format bom = {"a PNG behind a byte order mark: a text editor saved it",
                                "get the file again", 1};
static const file_format utf8 = {"a PNG recoded as UTF-8 text", "get the file again", 1};
static const file_format lines = {"a PNG whose line ends a transfer as text has changed",
                                  "get the file again, in binary mode", 1};

typedef struct head {
    const unsigned char *bytes;
    size_t size;
} head;

static int has(const head *h, size_t at, const void *text, size_t n) {
    return h->size >= at + n && memcmp(h->bytes + at, text, n) == 0;
}

#define HAS(at, text) has(h, at, text, sizeof text - 1)

static const file_format *of_container(const head *h) {
    static const char heic_brands[][5] = {"heic", "heix", "hevc", "heim", "mif1", "msf1"};
    if (HAS(0, "RIFF") && HAS(8, "WEBP")) return &webp;
    if (!HAS(4, "ftyp")) return NULL;
    if (HAS(8, "avif") || HAS(8, "avis")) return &avif;
    for (size_t i = 0; i < sizeof heic_brands / sizeof *heic_brands; i++)
        if (has(h, 8, heic_brands[i], 4)) return &heic;
    return NULL;
}

static const file_format *of_png(const head *h) {
    if (HAS(0, "\x89PNG\r\n\x1a\n")) return &png;
    if (HAS(0, "\xef\xbb\xbf\x89PNG")) return &bom;
    if (HAS(0, "\xc2\x89PNG") || HAS(0, "\xef\xbf\xbdPNG")) return &utf8;
    return HAS(0, "\x89PNG\r") || HAS(0, "\x89PNG\n") ? &lines : NULL;
}

/* is_bmp - its two letters alone may be pixels: the next eight bytes hold its size, which
 * is below 2³¹, and zeros; and 14 bytes on is the size of a header there is. */
static int is_bmp(const head *h) {
    return h->size >= 18 && HAS(0, "BM") && HAS(6, "\0\0\0\0") && HAS(15, "\0\0\0") &&
           h->bytes[14] >= 12 && h->bytes[14] <= 124;
}

static int is_pnm(const head *h) {
    return h->size >= 4 && h->bytes[0] == 'P' && h->bytes[1] >= '1' &&
           h->bytes[1] <= '6' && (h->bytes[2] == '\n' || h->bytes[2] == ' ') &&
           (h->bytes[3] == '#' || (h->bytes[3] >= '1' && h->bytes[3] <= '9'));
}

/* is_jpeg - its first three bytes alone may be light pixels: a marker's segment follows,
 * and another marker behind that, or in a long one of an application, its name. */
static int is_jpeg(const head *h) {
    const unsigned char *b = h->bytes;
    if (b[3] < 0xc0 || b[3] == 0xff) return 0;
    if (h->size < 10) return b[3] >= 0xe0 && b[3] <= 0xef;
    const size_t next = 4 + ((size_t)b[4] << 8 | b[5]);
    if (next < h->size) return next >= 6 && b[next] == 0xff;
    for (int i = 6; i < 10; i++)
        if (b[i] < ' ' || b[i] > '~') return 0;
    return b[3] >= 0xe0 && b[3] <= 0xef;
}

/* is_tiff - the place of its first directory follows, below 16 MiB. */
static int is_tiff(const head *h) {
    const unsigned char *b = h->bytes;
    return h->size >= 8 && b[*b == 'I' ? 7 : 4] == 0 && memcmp(b + 4, "\0\0\0\0", 4);
}

/* is_zip - the version that is needed follows: 1.0 to 6.3. */
static int is_zip(const head *h) {
    return h->size >= 6 && h->bytes[4] >= 10 && h->bytes[4] <= 63 && !h->bytes[5];
}

static const file_format *of_binary(const head *h) {
    if (HAS(0, "\xff\xd8\xff")) return is_jpeg(h) ? &jpeg : &jpeg_perhaps;
    if (HAS(0, "GIF87a") || HAS(0, "GIF89a")) return &gif;
    if (HAS(0, "II*\0") || HAS(0, "MM\0*")) return is_tiff(h) ? &tiff : &tiff_perhaps;
    if (HAS(0, "%PDF-")) return &pdf;
    if (HAS(0, "PK\3\4")) return is_zip(h) ? &zip : &zip_perhaps;
    if (HAS(0, "\x93NUMPY")) return &npy;
    if (HAS(0, "SQLite format 3")) return &sqlite;
    if (HAS(0, "\x1f\x8b\x08")) return &gzip;
    if (HAS(0, "\0\0\1\0") && h->size >= 22 && h->bytes[4] && !h->bytes[5]) return &ico;
    if (is_bmp(h)) return &bmp;
    return is_pnm(h) ? &pnm : NULL;
}

/* starts - the same for a text, in letters of either case. */
static int starts(const head *h, const char *text) {
    const size_t n = strlen(text);
    return h->size >= n && strncasecmp((const char *)h->bytes, text, n) == 0;
}

static int contains(const head *h, const char *text) {
    for (head rest = *h; rest.size; rest.bytes++, rest.size--)
        if (starts(&rest, text)) return 1;
    return 0;
}

/* of_text - behind a byte order mark and white space, which texts may begin with. */
static const file_format *of_text(const head *all) {
    head rest = *all, *h = &rest;
    if (HAS(0, "\xef\xbb\xbf")) rest = (head){rest.bytes + 3, rest.size - 3};
    while (rest.size && strchr(" \t\r\n", *rest.bytes) && *rest.bytes)
        rest = (head){rest.bytes + 1, rest.size - 1};
    if (starts(h, "version https://git-lfs")) return &lfs;
    if (starts(h, "data:image/") || starts(h, "data:application/")) return &uri;
    if (HAS(0, "iVBORw0KGgo") || HAS(0, "/9j/4") || HAS(0, "R0lGOD") || HAS(0, "UklGR"))
        return &base64;
    if (starts(h, "89504e470d0a1a0a")) return &hex;
    if (!rest.size || *rest.bytes != '<') return NULL;
    if (contains(h, "<svg") || starts(h, "<!doctype svg")) return &svg;
    if (starts(h, "<!doctype html") || starts(h, "<html") || starts(h, "<head"))
        return &html;
    return starts(h, "<?xml") ? &xml : NULL;
}

const file_format *file_format_of(const void *bytes, size_t size) {
    const head h = {bytes, size < FORMAT_HEAD ? size : FORMAT_HEAD};
    if (size < 4) return NULL;
    const file_format *found = of_png(&h);
    if (!found) found = of_container(&h);
    if (!found) found = of_binary(&h);
    return found ? found : of_text(&h);
}
