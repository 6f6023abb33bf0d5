/* png.c - PNG files in memory: see png.h. All decoding and encoding is libpng's.
 *
 * Reading: png_survey (png_chunks.c) has looked at the whole file first, and libpng is given
 * no more than the chunks that say what the pixels are:
 *
 *     file      signature IHDR … PLTE … tRNS … IDAT … IDAT … IEND …
 *     libpng    signature IHDR   PLTE   tRNS   IDAT … IDAT   IEND
 *
 * so the code that reads profiles, texts and the like never runs. libpng unpacks row by row,
 * and each row goes to its place in the planes at once: an interlaced picture, too, needs
 * no second copy.
 *
 * libpng reports an error by a callback that must not return. Ours jumps back to guarded();
 * all that outlives the jump is in png_job, not in variables that a register may hold. */
#include <limits.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <png.h>
#include "png.h"
#include "png_chunks.h"

/* What libpng may hold at once: 4096 pixels of 8 bytes need some 150 KB, deflating 400 KB. */
#define MOST_MEMORY ((size_t)2 << 20)

/* One file that is being read or written. */
typedef struct png_job {
    jmp_buf escape; /* where an error jumps to */
    png_structp png;
    png_infop info;
    size_t memory; /* bytes libpng holds */
    int no_memory; /* it asked for more than there is */
    char *error;
    size_t error_size;
    unsigned char *row; /* [width][channels] one row, as libpng takes or gives it */

    /* Reading: */
    const png_plan *plan;
    png_picture *picture;
    const unsigned char *bytes;
    png_span spans[5]; /* what libpng gets to see */
    int span;          /* the one it reads */
    size_t at;         /* and how far */

    /* Writing: */
    const unsigned char *pixels;
    int width, height, scale, depth;
    int channels;              /* 3: colours; 1: greys, or places in the palette */
    unsigned char sample[256]; /* what a pixel's value is written as */
    png_color palette[256];
    int colours; /* in the palette; 0: there is none */
    unsigned char *out;
    size_t size, room;
} png_job;

/* --- what libpng calls ----------------------------------------------------------------- */

/* Before each piece of memory stands its size, in as much room as alignment wants. */
typedef union piece {
    size_t size;
    max_align_t align;
} piece;

static png_voidp job_malloc(png_structp png, png_alloc_size_t size) {
    png_job *job = png_get_mem_ptr(png);
    piece *p = NULL;
    if (size <= MOST_MEMORY && job->memory + size <= MOST_MEMORY)
        p = malloc(sizeof *p + size);
    if (!p) {
        job->no_memory = 1;
        return NULL;
    }
    p->size = size;
    job->memory += size;
    return p + 1;
}

static void job_free(png_structp png, png_voidp memory) {
    png_job *job = png_get_mem_ptr(png);
    piece *p = memory;
    if (!p) return;
    job->memory -= p[-1].size;
    free(p - 1);
}

static PNG_NORETURN void job_error(png_structp png, png_const_charp text) {
    png_job *job = png_get_error_ptr(png);
    if (job->no_memory)
        png_failure(job->error, job->error_size, "out of memory");
    else
        png_failure(job->error, job->error_size, "libpng: %s", text);
    longjmp(job->escape, 1);
}

/* What is worth a warning is either an error of png_survey's or no harm. */
static void job_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void job_read(png_structp png, png_bytep bytes, size_t n) {
    png_job *job = png_get_io_ptr(png);
    const int spans = sizeof job->spans / sizeof *job->spans;
    while (n > 0) {
        while (job->span < spans && job->at == job->spans[job->span].size) {
            job->span++;
            job->at = 0;
        }
        if (job->span == spans) png_error(png, "asks for more than there is");
        const png_span span = job->spans[job->span];
        const size_t part = n < span.size - job->at ? n : span.size - job->at;
        memcpy(bytes, job->bytes + span.start + job->at, part);
        job->at += part;
        bytes += part;
        n -= part;
    }
}

static void job_write(png_structp png, png_bytep bytes, size_t n) {
    png_job *job = png_get_io_ptr(png);
    if (job->room - job->size < n) {
        const size_t room = 2 *
                            (job->size + n); /* bounded by PNG_MAX_SIDE² and a little */
        void *out = realloc(job->out, room);
        if (!out) {
            job->no_memory = 1;
            png_error(png, "out of memory");
        }
        job->out = out;
        job->room = room;
    }
    memcpy(job->out + job->size, bytes, n);
    job->size += n;
}

static void job_flush(png_structp png) { (void)png; }

/* guarded - runs work; PNG_OK, or what the error was if it was left by a jump. */
static int guarded(png_job *job, void (*work)(png_job *job)) {
    if (setjmp(job->escape)) return job->no_memory ? PNG_NOMEM : PNG_ERROR;
    work(job);
    return PNG_OK;
}

/* start_check - after libpng was asked for its structs. */
static void start_check(png_job *job) {
    if (job->png && job->info) return;
    job->no_memory = 1;
    png_failure(job->error, job->error_size, "out of memory");
    longjmp(job->escape, 1);
}

/* --- reading ---------------------------------------------------------------------------- */

static void read_start(png_job *job) {
    job->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, job, job_error,
                                        job_warning, job, job_malloc, job_free);
    if (job->png) job->info = png_create_info_struct(job->png);
    start_check(job);
    png_set_read_fn(job->png, job, job_read);
    png_set_user_limits(job->png, PNG_MAX_SIDE, PNG_MAX_SIDE);
    png_set_chunk_cache_max(job->png, 1);
    png_set_chunk_malloc_max(job->png, 4096);
    png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(job->png, job->info);
    png_set_expand(job->png);   /* palette and few bits to 8, a clear colour to alpha */
    png_set_scale_16(job->png); /* 16 bits to the nearest of 8 */
    png_read_update_info(job->png, job->info);
}

/* grey_of - Rec. 709's luma of a colour. The weights add up to 2¹⁵: a grey stays itself. */
static unsigned char grey_of(const unsigned char *rgb) {
    return (unsigned char)((6968u * rgb[0] + 23434u * rgb[1] + 2366u * rgb[2] + 16384u) >>
                           15);
}

/* row_place - puts row y of a pass where its pixels belong. */
static void row_place(png_job *job, const png_pass *pass, uint32_t y, int channels) {
    png_picture *picture = job->picture;
    const size_t start = (size_t)(pass->y0 + y * pass->dy) * (size_t)picture->width +
                         pass->x0;
    unsigned char *grey = picture->grey + start;
    unsigned char *alpha = picture->alpha ? picture->alpha + start : NULL;
    const unsigned char *p = job->row;
    int differ = 0;
    for (uint32_t x = 0; x < pass->width; x++, p += channels) {
        if (channels >= 3) {
            grey[x * pass->dx] = grey_of(p);
            differ |= (p[0] ^ p[1]) | (p[1] ^ p[2]);
        } else
            grey[x * pass->dx] = p[0];
        if (alpha) alpha[x * pass->dx] = p[channels - 1];
    }
    picture->coloured |= differ != 0;
}

static void read_rows(png_job *job) {
    const int channels = png_get_channels(job->png, job->info);
    const int has_alpha = channels == 2 || channels == 4;
    if (png_get_bit_depth(job->png, job->info) != 8 || channels < 1 || channels > 4 ||
        has_alpha != (job->picture->alpha != NULL))
        png_error(job->png, "gives pixels of another form than asked for");
    for (int i = 0; i < png_plan_passes(job->plan); i++) {
        const png_pass pass = png_plan_pass(job->plan, i);
        for (uint32_t y = 0; y < pass.height; y++) {
            png_read_row(job->png, job->row, NULL);
            row_place(job, &pass, y, channels);
        }
    }
}

/* spans_choose - the parts of the file that libpng gets. */
static void spans_choose(png_job *job) {
    const png_plan *plan = job->plan;
    job->spans[0] = (png_span){0, PNG_HEAD};
    if (plan->colour == PNG_PALETTE) job->spans[1] = plan->plte;
    job->spans[2] = plan->trns;
    job->spans[3] = plan->data;
    job->spans[4] = plan->end;
}

/* alpha_drop - forgets a plane that says that all is opaque. */
static void alpha_drop(png_picture *picture) {
    const size_t n = (size_t)picture->width * (size_t)picture->height;
    unsigned char all = 255;
    if (!picture->alpha) return;
    for (size_t i = 0; i < n; i++) all &= picture->alpha[i];
    if (all < 255) return;
    free(picture->alpha);
    picture->alpha = NULL;
}

int png_decode(png_picture *out, const void *bytes, size_t size, char *error,
               size_t error_size) {
    png_plan plan;
    memset(out, 0, sizeof *out);
    int rc = png_survey(&plan, bytes, size, error, error_size);
    if (rc != PNG_OK) return rc;
    png_job job = {.error = error,
                   .error_size = error_size,
                   .plan = &plan,
                   .picture = out,
                   .bytes = bytes};
    const size_t n = (size_t)plan.width * plan.height;
    out->width = (int)plan.width;
    out->height = (int)plan.height;
    out->grey = malloc(n);
    const int has_alpha = plan.trns.size || plan.colour == PNG_GREY_ALPHA ||
                          plan.colour == PNG_RGBA;
    if (has_alpha) out->alpha = malloc(n);
    job.row = malloc(4 * (size_t)plan.width);
    if (!out->grey || !job.row || (has_alpha && !out->alpha)) {
        png_failure(error, error_size, "out of memory");
        rc = PNG_NOMEM;
        goto done;
    }
    spans_choose(&job);
    rc = guarded(&job, read_start);
    if (rc == PNG_OK) rc = guarded(&job, read_rows);
    if (rc == PNG_OK) alpha_drop(out);
done:
    if (job.png) png_destroy_read_struct(&job.png, &job.info, NULL);
    free(job.row);
    if (rc != PNG_OK) png_picture_free(out);
    return rc;
}

void png_picture_free(png_picture *picture) {
    free(picture->alpha);
    free(picture->grey);
    memset(picture, 0, sizeof *picture);
}

/* --- writing ---------------------------------------------------------------------------- */

/* samples_rgb - as they are. */
static void samples_rgb(png_job *job) {
    job->depth = 8;
    for (int i = 0; i < 256; i++) job->sample[i] = (unsigned char)i;
}

/* samples_grey - the fewest bits whose values, 0..2^bits-1 spread over 0..255, are those of
 * all n pixels. */
static void samples_grey(png_job *job, size_t n) {
    job->depth = 1;
    for (size_t i = 0; i < n && job->depth < 8; i++)
        while (job->depth < 8 && job->pixels[i] % (255 / ((1 << job->depth) - 1)))
            job->depth *= 2;
    const int step = 255 / ((1 << job->depth) - 1);
    for (int i = 0; i < 256; i++) job->sample[i] = (unsigned char)(i / step);
}

/* samples_palette - the colours that occur, in the palette's order, and the fewest bits that
 * count them. */
static void samples_palette(png_job *job, size_t n, const unsigned char (*rgb)[3]) {
    unsigned char used[256] = {0};
    for (size_t i = 0; i < n; i++) used[job->pixels[i]] = 1;
    for (int i = 0; i < 256; i++) {
        if (!used[i]) continue;
        job->sample[i] = (unsigned char)job->colours;
        job->palette[job->colours++] = (png_color){rgb[i][0], rgb[i][1], rgb[i][2]};
    }
    job->depth = 1;
    while (job->depth < 8 && job->colours > 1 << job->depth) job->depth *= 2;
}

static void write_start(png_job *job) {
    job->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, job, job_error,
                                         job_warning, job, job_malloc, job_free);
    if (job->png) job->info = png_create_info_struct(job->png);
    start_check(job);
    png_set_write_fn(job->png, job, job_write, job_flush);
    png_set_IHDR(job->png, job->info, (png_uint_32)(job->width * job->scale),
                 (png_uint_32)(job->height * job->scale), job->depth,
                 job->channels == 3 ? PNG_COLOR_TYPE_RGB
                 : job->colours     ? PNG_COLOR_TYPE_PALETTE
                                    : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    if (job->colours) png_set_PLTE(job->png, job->info, job->palette, job->colours);
    /* Digits are flat with sharp edges: unfiltered rows pack best; colours are those of
     * photographs. All is spelt out, so that another version's defaults do not change the
     * bytes. */
    png_set_filter(job->png, PNG_FILTER_TYPE_BASE,
                   job->channels == 3 ? PNG_FILTER_PAETH : PNG_FILTER_NONE);
    png_set_compression_level(job->png, 9);
    png_set_compression_mem_level(job->png, 8);
    png_set_compression_strategy(job->png, 0);
    png_write_info(job->png, job->info);
    png_set_packing(job->png); /* rows come a byte a pixel, whatever the depth */
}

static void write_rows(png_job *job) {
    const int c = job->channels;
    for (int y = 0; y < job->height; y++) {
        const unsigned char *pixels = job->pixels + (size_t)y * (size_t)(c * job->width);
        for (int x = 0; x < job->width * job->scale; x++)
            for (int k = 0; k < c; k++)
                job->row[x * c + k] = job->sample[pixels[x / job->scale * c + k]];
        for (int i = 0; i < job->scale; i++) png_write_row(job->png, job->row);
    }
    png_write_end(job->png, NULL);
}

/* encode - all kinds; palette is NULL but for one channel's colours. */
static int encode(unsigned char **out, size_t *out_size, const unsigned char *pixels,
                  int width, int height, int channels, int scale,
                  const unsigned char (*palette)[3], char *error, size_t error_size) {
    png_job job = {.error = error,
                   .error_size = error_size,
                   .pixels = pixels,
                   .width = width,
                   .height = height,
                   .channels = channels,
                   .scale = scale};
    int rc = PNG_NOMEM;
    *out = NULL;
    *out_size = 0;
    if (width < 1 || height < 1 || scale < 1 || scale > PNG_MAX_SCALE ||
        width > PNG_MAX_SIDE / scale || height > PNG_MAX_SIDE / scale)
        return png_failure(error, error_size,
                           "%dx%d pixels, %d times as large, are no size for a picture; "
                           "expected %dx%d at most",
                           width, height, scale, PNG_MAX_SIDE, PNG_MAX_SIDE);
    if (channels == 3)
        samples_rgb(&job);
    else if (palette)
        samples_palette(&job, (size_t)width * (size_t)height, palette);
    else
        samples_grey(&job, (size_t)width * (size_t)height);
    job.row = malloc((size_t)width * (size_t)scale * (size_t)channels);
    if (!job.row) {
        png_failure(error, error_size, "out of memory");
        goto done;
    }
    rc = guarded(&job, write_start);
    if (rc == PNG_OK) rc = guarded(&job, write_rows);
    if (rc != PNG_OK) goto done;
    *out = job.out;
    *out_size = job.size;
    job.out = NULL;
done:
    if (job.png) png_destroy_write_struct(&job.png, &job.info);
    free(job.row);
    free(job.out);
    return rc;
}

int png_encode(unsigned char **out, size_t *out_size, const unsigned char *grey,
               int width, int height, int scale, char *error, size_t error_size) {
    return encode(out, out_size, grey, width, height, 1, scale, NULL, error, error_size);
}

int png_encode_rgb(unsigned char **out, size_t *out_size, const unsigned char *rgb,
                   int width, int height, int scale, char *error, size_t error_size) {
    return encode(out, out_size, rgb, width, height, 3, scale, NULL, error, error_size);
}

int png_encode_palette(unsigned char **out, size_t *out_size,
                       const unsigned char *indices, int width, int height,
                       const unsigned char (*palette)[3], char *error,
                       size_t error_size) {
    return encode(out, out_size, indices, width, height, 1, 1, palette, error,
                  error_size);
}
