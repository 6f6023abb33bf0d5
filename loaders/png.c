/* png.c - PNG files in memory: see png.h. All decoding and encoding is libpng's.
 *
 * Reading: png_survey (png_chunks.c) has looked at the file first, and libpng is given no
 * more than the chunks that say what the pixels are:
 *
 *     file      signature IHDR … PLTE … tRNS … IDAT … IDAT … IEND …
 *     libpng    signature IHDR   PLTE   tRNS   IDAT … IDAT … IEND …
 *
 * so the code that reads profiles, texts and the like never runs. What libpng makes of
 * these chunks decides: its errors are ours, its warnings are not heard. libpng unpacks
 * row by row, and each row goes to its place in the planes at once: neither an interlaced
 * picture nor one that is to be turned needs a second copy.
 *
 * libpng reports an error by a callback that must not return. Ours jumps back to
 * guarded();
 * all that outlives the jump is in png_job, not in variables that a register may hold. */
#include <limits.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <png.h>
#include "png.h"
#include "png_chunks.h"

/* What libpng may hold at once: 4096 pixels of 8 bytes need some 150 KB, deflating 400
 * KB. */
#define MOST_MEMORY ((size_t)2 << 20)

/* Bytes of the file that libpng may read from the last row on. It unpacks all of a stream
 * that goes on behind the pixels: 1 MB of it would cost a second. */
#define MOST_BEHIND ((size_t)16384)

/* One file that is being read or written. */
typedef struct png_job {
    jmp_buf escape; /* where an error jumps to */
    png_structp png;
    png_infop info;
    size_t memory; /* bytes libpng holds */
    int status;    /* PNG_OK until something went wrong */
    const load_stop *stop;
    char *error;
    size_t error_size;
    unsigned char *row; /* [width][channels] one row, as libpng takes or gives it */

    /* Reading: */
    const png_plan *plan;
    png_picture *picture;
    const unsigned char *bytes;
    size_t bytes_size;
    size_t at,
        left; /* where libpng reads, and how much it may without a look at chunks */
    int keeps_colours;
    int kept;       /* values of a pixel that go into the planes: 1 or 3 */
    int depth_read; /* 8 or 16 */
    unsigned used;  /* or of all 16-bit values kept: which of their bits are used */
    int is_last;    /* it reads the last row, … */
    size_t behind;  /* … and has taken so many bytes for it */

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

/* --- what libpng calls -------------------------------------------------------------- */

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
        job->status = PNG_NOMEM;
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

/* job_end - leaves libpng with a status and its sentence. */
static PNG_NORETURN void job_end(png_job *job, int status, const char *text) {
    png_failure(job->error, job->error_size, "%s", text);
    job->status = status;
    longjmp(job->escape, 1);
}

static PNG_NORETURN void job_error(png_structp png, png_const_charp text) {
    png_job *job = png_get_error_ptr(png);
    if (job->status == PNG_NOMEM) job_end(job, PNG_NOMEM, "out of memory");
    png_failure(job->error, job->error_size, "damaged: libpng says '%s'", text);
    job->status = PNG_ERROR;
    longjmp(job->escape, 1);
}

/* What libpng only warns of, it reads. */
static void job_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void job_poll(png_job *job) {
    if (load_stopped(job->stop)) job_end(job, PNG_STOPPED, "interrupted");
}

/* piece_next - from the end of a piece to the next that libpng may see: a chunk, or from
 * the first IDAT on all there is. */
static void piece_next(png_job *job) {
    const size_t data = job->plan->data;
    while (job->at < data && !png_chunk_matters(job->bytes + job->at))
        job->at += png_chunk_size(job->bytes + job->at);
    job->left = job->at < data ? png_chunk_size(job->bytes + job->at)
                               : job->bytes_size - job->at;
}

static void job_read(png_structp png, png_bytep bytes, size_t n) {
    png_job *job = png_get_io_ptr(png);
    job_poll(job);
    if (job->is_last) job->behind += n;
    if (job->behind > MOST_BEHIND)
        job_end(job, PNG_ERROR, "more than 16384 bytes of data follow the last row");
    while (n > 0) {
        if (job->left == 0) piece_next(job);
        if (job->left == 0)
            job_end(job, PNG_ERROR, "ends before its last row: it has been cut off");
        const size_t part = n < job->left ? n : job->left;
        memcpy(bytes, job->bytes + job->at, part);
        job->at += part;
        job->left -= part;
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
        if (!out) job_end(job, PNG_NOMEM, "out of memory");
        job->out = out;
        job->room = room;
    }
    memcpy(job->out + job->size, bytes, n);
    job->size += n;
}

static void job_flush(png_structp png) { (void)png; }

/* guarded - runs work; PNG_OK, or what the error was if it was left by a jump. */
static int guarded(png_job *job, void (*work)(png_job *job)) {
    if (setjmp(job->escape)) return job->status;
    work(job);
    return PNG_OK;
}

/* start_check - after libpng was asked for its structs. */
static void start_check(png_job *job) {
    if (!job->png || !job->info) job_end(job, PNG_NOMEM, "out of memory");
}

/* --- reading ------------------------------------------------------------------------ */

/* planes_make - when it is known what a pixel has. Planes are untouched until their rows
 * come:
 * a file whose rows do not come costs no memory. */
static void planes_make(png_job *job) {
    png_picture *picture = job->picture;
    const png_plan *plan = job->plan;
    const size_t n = (size_t)plan->width * plan->height;
    const int turned = plan->orientation > 4;
    picture->width = (int)(turned ? plan->height : plan->width);
    picture->height = (int)(turned ? plan->width : plan->height);
    job->kept = job->keeps_colours && plan->coloured ? 3 : 1;
    if (job->depth_read == 16)
        picture->deep = malloc(n * (size_t)job->kept * sizeof *picture->deep);
    else if (job->kept == 3)
        picture->rgb = malloc(3 * n);
    else
        picture->grey = malloc(n);
    const int has_alpha = job->channels == 2 || job->channels == 4;
    if (has_alpha) picture->alpha = malloc(n);
    job->row = malloc((size_t)(job->depth_read / 8 * job->channels) * plan->width);
    if ((!picture->grey && !picture->deep && !picture->rgb) || !job->row ||
        (has_alpha && !picture->alpha))
        job_end(job, PNG_NOMEM, "out of memory");
}

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
    png_set_expand(job->png); /* palette and few bits to 8, a clear colour to alpha */
    png_read_update_info(job->png, job->info);
    job->channels = png_get_channels(job->png, job->info);
    job->depth_read = png_get_bit_depth(job->png, job->info);
    if ((job->depth_read != 8 && job->depth_read != 16) || job->channels < 1 ||
        job->channels > 4)
        png_error(job->png, "pixels of another form than asked for");
    planes_make(job);
}

/* Where a pixel goes: (x, y) of the file to start + x·right + y·down of the planes. */
typedef struct png_turn {
    ptrdiff_t start, right, down;
} png_turn;

/* turn_of - by eXIf's orientation: 1 as it is, 2 mirrored, 3 turned by 180°, 4 both; from
 * 5 on x and y are exchanged: 6 turned to the right, 8 to the left, 5 and 7 mirrored as
 * well. */
static png_turn turn_of(const png_plan *plan) {
    static const struct {
        int mirror, flip; /* x, y of the file counted from the other end */
    } ways[9] = {{0, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}, {0, 1}, {1, 1}, {1, 0}};
    const ptrdiff_t w = (ptrdiff_t)plan->width, h = (ptrdiff_t)plan->height;
    const int exchanged = plan->orientation > 4;
    png_turn turn = {0, exchanged ? h : 1, exchanged ? 1 : w};
    if (ways[plan->orientation].mirror) {
        turn.start += (w - 1) * turn.right;
        turn.right = -turn.right;
    }
    if (ways[plan->orientation].flip) {
        turn.start += (h - 1) * turn.down;
        turn.down = -turn.down;
    }
    return turn;
}

/* grey_of - Rec. 709's luma of a colour. The weights add up to 2¹⁵: a grey stays
 * itself. */
static unsigned char grey_of(const unsigned char *rgb) {
    return (unsigned char)((6968u * rgb[0] + 23434u * rgb[1] + 2366u * rgb[2] + 16384u) >>
                           15);
}

/* row_place - puts a row of 8-bit samples where its pixels belong: from start on, a step
 * from one to the next. row_place_deep - of 16-bit ones, which are big-endian. */
static void row_place(png_job *job, ptrdiff_t start, ptrdiff_t step, uint32_t width) {
    png_picture *picture = job->picture;
    const unsigned char *p = job->row;
    const int c = job->channels;
    int differ = 0;
    for (uint32_t x = 0; x < width; x++, p += c, start += step) {
        if (c >= 3) differ |= (p[0] ^ p[1]) | (p[1] ^ p[2]);
        if (picture->rgb)
            memcpy(picture->rgb + 3 * start, p, 3);
        else
            picture->grey[start] = c >= 3 ? grey_of(p) : p[0];
        if (picture->alpha) picture->alpha[start] = p[c - 1];
    }
    picture->coloured |= differ != 0;
}

static unsigned sample16(const unsigned char *p) { return (unsigned)p[0] << 8 | p[1]; }

static void row_place_deep(png_job *job, ptrdiff_t start, ptrdiff_t step,
                           uint32_t width) {
    png_picture *picture = job->picture;
    const unsigned char *p = job->row;
    const int c = job->channels;
    for (uint32_t x = 0; x < width; x++, p += 2 * c, start += step) {
        unsigned v[3] = {sample16(p)};
        if (c >= 3) {
            v[1] = sample16(p + 2), v[2] = sample16(p + 4);
            picture->coloured |= v[0] != v[1] || v[1] != v[2];
            if (job->kept == 1)
                v[0] = (6968u * v[0] + 23434u * v[1] + 2366u * v[2] + 16384u) >> 15;
        }
        for (int k = 0; k < job->kept; k++) {
            picture->deep[job->kept * start + k] = (uint16_t)v[k];
            job->used |= v[k];
        }
        if (picture->alpha)
            picture->alpha[start] =
                (unsigned char)((sample16(p + 2 * c - 2) * 255u + 32895u) >>
                                16); /* the nearest */
    }
}

static void read_rows(png_job *job) {
    const png_turn turn = turn_of(job->plan);
    size_t left = 0;
    for (int i = 0; i < png_plan_passes(job->plan); i++)
        left += png_plan_pass(job->plan, i).height;
    for (int i = 0; i < png_plan_passes(job->plan); i++) {
        const png_pass pass = png_plan_pass(job->plan, i);
        for (uint32_t y = 0; y < pass.height; y++) {
            job_poll(job);
            job->is_last = --left == 0;
            png_read_row(job->png, job->row, NULL);
            const ptrdiff_t start = turn.start + (ptrdiff_t)pass.x0 * turn.right +
                                    (ptrdiff_t)(pass.y0 + y * pass.dy) * turn.down;
            (job->depth_read == 16 ? row_place_deep : row_place)(
                job, start, (ptrdiff_t)pass.dx * turn.right, pass.width);
        }
    }
}

/* deep_spread - 16 bits of which only the lowest are used, as by cameras of 12, or by who
 * put 8 into them: the largest number of those bits becomes white. */
static void deep_spread(png_picture *picture, int kept, unsigned used) {
    const size_t n = (size_t)picture->width * (size_t)picture->height * (size_t)kept;
    unsigned most = 255;
    while (most < used) most = 2 * most + 1;
    if (!picture->deep || most == 65535) return;
    for (size_t i = 0; i < n; i++)
        picture->deep[i] = (uint16_t)((picture->deep[i] * 65535u + most / 2) / most);
}

/* deep_narrow - 16 bits become the nearest 8. PNG_OK or PNG_NOMEM. */
static int deep_narrow(png_job *job) {
    png_picture *picture = job->picture;
    const size_t n = (size_t)picture->width * (size_t)picture->height * (size_t)job->kept;
    unsigned char *values = malloc(n);
    if (!values)
        return png_failure(job->error, job->error_size, "out of memory"), PNG_NOMEM;
    for (size_t i = 0; i < n; i++)
        values[i] = (unsigned char)((picture->deep[i] * 255u + 32895u) >> 16);
    *(job->kept == 3 ? &picture->rgb : &picture->grey) = values;
    free(picture->deep);
    picture->deep = NULL;
    return PNG_OK;
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

static int decode(png_picture *out, const void *bytes, size_t size, int keeps_colours,
                  const load_stop *stop, char *error, size_t error_size) {
    png_plan plan;
    memset(out, 0, sizeof *out);
    int rc = png_survey(&plan, bytes, size, error, error_size);
    if (rc != PNG_OK) return rc;
    png_job job = {.error = error,
                   .error_size = error_size,
                   .stop = stop,
                   .plan = &plan,
                   .keeps_colours = keeps_colours,
                   .picture = out,
                   .bytes = bytes,
                   .bytes_size = size,
                   .left = PNG_HEAD};
    rc = guarded(&job, read_start);
    if (rc == PNG_OK) rc = guarded(&job, read_rows);
    if (rc == PNG_OK) {
        deep_spread(out, job.kept, job.used);
        alpha_drop(out);
        if (keeps_colours && out->deep) rc = deep_narrow(&job);
    }
    if (job.png) png_destroy_read_struct(&job.png, &job.info, NULL);
    free(job.row);
    if (rc != PNG_OK) png_picture_free(out);
    return rc;
}

int png_decode(png_picture *out, const void *bytes, size_t size, const load_stop *stop,
               char *error, size_t error_size) {
    return decode(out, bytes, size, 0, stop, error, error_size);
}

int png_decode_rgb(png_picture *out, const void *bytes, size_t size,
                   const load_stop *stop, char *error, size_t error_size) {
    return decode(out, bytes, size, 1, stop, error, error_size);
}

int png_decode_all(png_picture *out, const void *bytes, size_t size,
                   const load_stop *stop, char *error, size_t error_size) {
    const int is_deep = size >= PNG_HEAD && ((const unsigned char *)bytes)[24] == 16;
    return decode(out, bytes, size, !is_deep, stop, error, error_size);
}

void png_picture_free(png_picture *picture) {
    free(picture->alpha);
    free(picture->rgb);
    free(picture->deep);
    free(picture->grey);
    memset(picture, 0, sizeof *picture);
}

/* --- writing ------------------------------------------------------------------------ */

/* samples_rgb - as they are. */
static void samples_rgb(png_job *job) {
    job->depth = 8;
    for (int i = 0; i < 256; i++) job->sample[i] = (unsigned char)i;
}

/* samples_grey - the fewest bits whose values, 0..2^bits-1 spread over 0..255, are those
 * of all n pixels. */
static void samples_grey(png_job *job, size_t n) {
    job->depth = 1;
    for (size_t i = 0; i < n && job->depth < 8; i++)
        while (job->depth < 8 && job->pixels[i] % (255 / ((1 << job->depth) - 1)))
            job->depth *= 2;
    const int step = 255 / ((1 << job->depth) - 1);
    for (int i = 0; i < 256; i++) job->sample[i] = (unsigned char)(i / step);
}

/* samples_palette - the colours that occur, in the palette's order, and the fewest bits
 * that count them. */
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
        for (int i = 0; i < job->scale; i++) {
            job_poll(job);
            png_write_row(job->png, job->row);
        }
    }
    png_write_end(job->png, NULL);
}

/* encode - all kinds; palette is NULL except for one channel's colours. */
static int encode(unsigned char **out, size_t *out_size, const unsigned char *pixels,
                  int width, int height, int channels, int scale,
                  const unsigned char (*palette)[3], const load_stop *stop, char *error,
                  size_t error_size) {
    png_job job = {.error = error,
                   .error_size = error_size,
                   .stop = stop,
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
               int width, int height, int scale, const load_stop *stop, char *error,
               size_t error_size) {
    return encode(out, out_size, grey, width, height, 1, scale, NULL, stop, error,
                  error_size);
}

int png_encode_rgb(unsigned char **out, size_t *out_size, const unsigned char *rgb,
                   int width, int height, int scale, const load_stop *stop, char *error,
                   size_t error_size) {
    return encode(out, out_size, rgb, width, height, 3, scale, NULL, stop, error,
                  error_size);
}

int png_encode_palette(unsigned char **out, size_t *out_size,
                       const unsigned char *indices, int width, int height,
                       const unsigned char (*palette)[3], const load_stop *stop,
                       char *error, size_t error_size) {
    return encode(out, out_size, indices, width, height, 1, 1, palette, stop, error,
                  error_size);
}
