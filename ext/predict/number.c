/* number.c - the digits of a picture: see number.h. */
#include <math.h>
#include <string.h>
#include "../../loaders/format.h"
#include "../../loaders/png.h"
#include "../image/picture.h"
#include "number.h"

/* What a model says of a span, and the cost of taking it for that. */
typedef struct answer {
    int class;
    int digit; /* that the class is, or -1 */
    float confidence;
    double cost;
} answer;

/* --- spans ------------------------------------------------------------------------- */

/* spans_find - the spans of a picture. *out has none where there is nothing like a
 * digit. keep: number_find's. */
static int spans_find(number_lattice *out, ext_model *model, const digit_picture *picture,
                      int keep, char *error) {
    const load_stop stop = ext_room_stop(&model->room);
    const dn_shape shape = model->info.shape;
    const int found = number_find(out, shape.h, shape.w, picture, keep, &stop);
    if (found == DIGIT_NOMEM) return ext_no_memory(error);
    if (found == DIGIT_STOPPED) return ext_from_loader(LOAD_STOPPED, error);
    if (found != DIGIT_CROWDED) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "the picture has more than %d pieces of ink, the most for a number; "
                     "crop it to the lines you want",
                     NUMBER_MAX_PARTS);
    return SQLITE_ERROR;
}

/* picture_bytes - the PNG in a value, for a model that takes one, or why not. */
static int picture_bytes(const void **bytes, size_t *size, ext_model *model,
                         sqlite3_value *value, char *error) {
    const int type = sqlite3_value_type(value);
    dn_image image;
    *bytes = type == SQLITE_BLOB ? sqlite3_value_blob(value) : NULL;
    *size = (size_t)sqlite3_value_bytes(value);
    if (model->info.shape.c != 1) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "the model's images have %d channels; expected 1",
                         model->info.shape.c);
        return SQLITE_ERROR;
    }
    if (*bytes && png_has_signature(*bytes, *size)) return SQLITE_OK;
    const file_format *format = *bytes ? file_format_of(*bytes, *size) : NULL;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "image has %lld bytes; expected a PNG: a file's bytes, as "
                     "readfile(path) gives them in the sqlite3 shell, or digit_png of "
                     "pixels",
                     (sqlite3_int64)*size);
    /* Of what can be no image at all, image.h says what it is. */
    if (type != SQLITE_BLOB || (format && format->sure))
        ext_image_get(&image, value, model->info.shape, &model->room, error);
    return SQLITE_ERROR;
}

/* work_check - whether the model may look at so many spans. */
static int work_check(const ext_model *model, size_t n, int64_t limit, char *error) {
    const uint64_t work = model->info.work * (uint64_t)n;
    if (!n || model->info.work <= (uint64_t)limit / (uint64_t)n) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "the picture has %d pieces that may be digits, which take %llu "
                     "multiply-adds, more than the limit 'work' of %lld; "
                     "digitnet_limit(name, value) changes it",
                     (int)n, (sqlite3_uint64)work, (sqlite3_int64)limit);
    return SQLITE_ERROR;
}

/* --- costs -------------------------------------------------------------------------- */

/* doubt - what speaks against an answer: twice the odds against it, 0 for a sure one, 20
 * at most; and what is left of 1, in bits. For two digits at once are often taken for one
 * of them with a probability that is 1 but for a thousandth, where it is a millionth of
 * one digit alone. */
static double doubt(const float *probabilities, int classes, int class) {
    const double sure = (double)probabilities[class];
    double rest = 0x1p-60;
    int bits;
    for (int i = 0; i < classes; i++)
        if (i != class) rest += (double)probabilities[i];
    const double part = frexp(rest, &bits); /* ½ … 1: 2·part - 2 is nearly its log2 */
    const double more = bits + 2.0 * part - 2.0 + 26.3;
    return 2.0 * (1.0 - sure) / (sure + 0.1) + (more > 0.0 ? 0.0145 * more : 0.0);
}

#define EACH      0.2 /* what a digit more is worth: as a rule, all ink is some digit's */
#define SETTLED   0.17 /* what a digit beyond doubt costs at most, before that */
#define MORE_WIDE 0.45f
#define NEVER     ((double)NUMBER_NEVER)

/* answer_of - what a model's probabilities say of a span. */
static answer answer_of(const number_span *span, const dn_model_info *info,
                        const float *probabilities) {
    const int class = dn_argmax(probabilities, info->classes);
    const int digit = ext_picture_digit(&info->labels[class]);
    const double shape = (double)number_cost(span, digit);
    const double cost = shape + doubt(probabilities, info->classes, class) - EACH;
    const float doubted = span->doubt ? 0.5f : 1.0f;
    return (answer){class, digit, doubted * probabilities[class], cost};
}

/* --- the model --------------------------------------------------------------------- */

#define ALONE 16 /* images up to here do not pay for more threads */

/* spans_ask - what the model says of the spans that which[0 … n - 1] name. */
static int spans_ask(answer *answers, const int *which, size_t n,
                     const number_lattice *lattice, ext_model *model,
                     sqlite3_value *model_name, char *error) {
    const size_t classes = (size_t)model->info.classes;
    const size_t size = (size_t)model->info.shape.h * (size_t)model->info.shape.w;
    dn_image *images = sqlite3_malloc64((n + 1) * sizeof *images);
    float *probabilities = sqlite3_malloc64((n + 1) * classes * sizeof *probabilities);
    int rc = SQLITE_NOMEM, status, stopped;
    if (!images || !probabilities) goto done;
    for (size_t i = 0; i < n; i++)
        images[i] = (dn_image){lattice->pixels + (size_t)which[i] * size, DN_UINT8};
    dn_threads *threads = dn_threads_start(n < ALONE ? 1 : dn_threads_available());
    dn_threads_watch(threads, ext_watch_stop, &model->room.watch);
    status = dn_predict_batch(model->model, threads, images, (int64_t)n, probabilities);
    stopped = dn_threads_stopped(threads);
    dn_threads_stop(threads);
    rc = ext_from_core(stopped ? DN_STOPPED : status, error);
    if (status == DN_OK && !stopped)
        rc = ext_model_numbers(probabilities, n * classes, model_name, error);
    for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
        answers[which[i]] = answer_of(&lattice->spans[which[i]], &model->info,
                                      probabilities + i * classes);
done:
    sqlite3_free(probabilities);
    sqlite3_free(images);
    return rc;
}

/* excludes - whether a span that is settled leaves no room for another: unless that is
 * the same with a little more ink, such as the bar of a 5. */
static int excludes(const number_span *settled, const number_span *s) {
    if (s->last <= settled->first || s->first >= settled->last) return 0;
    return s->first > settled->first || s->last < settled->last ||
           s->wide >= settled->wide + MORE_WIDE;
}

/* spans_left - which spans are yet to be asked for, which [n_spans]; how many. */
static size_t spans_left(int *which, answer *answers, const number_lattice *lattice) {
    size_t n = 0;
    for (int i = 0; i < lattice->n_spans; i++) {
        const number_span *s = &lattice->spans[i];
        if (!s->whole || answers[i].cost > SETTLED - EACH) continue;
        for (int k = i; k > 0 && lattice->spans[k - 1].last > s->first;) {
            k--;
            if (excludes(s, &lattice->spans[k])) answers[k].cost = NEVER;
        }
        for (int k = i + 1; k < lattice->n_spans; k++) {
            if (lattice->spans[k].last >= s->last + NUMBER_MOST_JOINED) break;
            if (excludes(s, &lattice->spans[k])) answers[k].cost = NEVER;
        }
    }
    for (int i = 0; i < lattice->n_spans; i++)
        if (!lattice->spans[i].whole && answers[i].cost < NEVER) which[n++] = i;
    return n;
}

/* spans_predict - what the model says of each span: *out [n_spans], sqlite3_malloc'd.
 * Pieces that stand alone first: where one is a digit beyond doubt, it need not be asked
 * what else it might be. work: multiply-adds that both may take. */
static int spans_predict(answer **out, const number_lattice *lattice, ext_model *model,
                         int64_t work, sqlite3_value *model_name, char *error) {
    const size_t all = (size_t)lattice->n_spans;
    int *which = sqlite3_malloc64(all * sizeof *which), rc = SQLITE_NOMEM;
    size_t n = 0;
    *out = sqlite3_malloc64(all * sizeof **out);
    if (!*out || !which) goto done;
    memset(*out, 0, all * sizeof **out);
    for (size_t i = 0; i < all; i++)
        if (lattice->spans[i].whole) which[n++] = (int)i;
    rc = work_check(model, n, work, error);
    if (rc == SQLITE_OK)
        rc = spans_ask(*out, which, n, lattice, model, model_name, error);
    if (rc != SQLITE_OK) goto done;
    const size_t more = spans_left(which, *out, lattice);
    rc = work_check(model, n + more, work, error);
    if (rc == SQLITE_OK)
        rc = spans_ask(*out, which, more, lattice, model, model_name, error);
done:
    sqlite3_free(which);
    return rc == SQLITE_NOMEM ? ext_no_memory(error) : rc;
}

/* --- the cheapest way -------------------------------------------------------------- */

/* A way through the parts of a line up to one of them. */
typedef struct way {
    double cost;
    int span;   /* the last one; -1: the part before is no digit's */
    int shared; /* parts that it has in common with the one before it: 0 or 1 */
    int digits;
} way;

/* The cheapest ways up to a part. */
typedef struct step {
    way done;
    way open; /* its last part is the next digit's, too */
} step;

/* way_try - takes span `at` behind a way if that is cheaper than the best. */
static void way_try(way *best, const way *before, int at, int shared, double cost) {
    if (before->cost + cost < best->cost)
        *best = (way){before->cost + cost, at, shared, before->digits + 1};
}

/* step_try - takes span `at` behind the ways up to its first part, and those up to the
 * next that share it. What is shared has a digit with a ring at both sides, each of which
 * has other parts. */
static void step_try(step *best, const step *steps, int from, int at,
                     const number_lattice *lattice, const answer *answers) {
    const number_span *s = &lattice->spans[at];
    const answer *a = &answers[at];
    const int more = s->first + 1 < s->last;
    const double left = more ? (double)number_share(lattice, s->first, a->digit) : NEVER;
    const double right = more ? (double)number_share(lattice, s->last - 1, a->digit)
                              : NEVER;
    for (int shared = 0; shared < 2 && s->first + shared < s->last; shared++) {
        const step *before = &steps[s->first + shared - from];
        const way *from_way = shared ? &before->open : &before->done;
        const double cost = a->cost + (shared ? left : 0.0);
        if (!shared && (s->ends & NUMBER_LEFT)) continue;
        if (!(s->ends & NUMBER_RIGHT)) way_try(&best->done, from_way, at, shared, cost);
        way_try(&best->open, from_way, at, shared, cost + right);
    }
}

/* steps_find - steps[k] becomes the cheapest ways through the line's first k parts. */
static void steps_find(step *steps, const number_lattice *lattice,
                       const number_line *line, const answer *answers) {
    const way none = {NEVER, -1, 0, 0};
    int at = line->first_span;
    steps[0] = (step){{0, -1, 0, 0}, none};
    for (int last = line->first + 1; last <= line->last; last++) {
        const way *before = &steps[last - 1 - line->first].done;
        const double skipped = before->cost + (double)lattice->skip[last - 1];
        step best = {{skipped, -1, 0, before->digits}, none};
        for (; at < line->last_span && lattice->spans[at].last == last; at++)
            step_try(&best, steps, line->first, at, lattice, answers);
        steps[last - line->first] = best;
    }
}

/* line_read - adds the digits of a line to the number, from the last to the first. */
static void line_read(ext_number *out, const step *steps, const number_line *line,
                      const answer *answers, int number, size_t size) {
    int part = line->last, open = 0;
    const int n = steps[part - line->first].done.digits;
    while (part > line->first) {
        const step *both = &steps[part - line->first];
        const way *s = open ? &both->open : &both->done;
        if (s->span < 0) {
            part--;
            continue;
        }
        const number_span *span = &out->lattice.spans[s->span];
        out->digits[out->n + s->digits - 1] =
            (ext_digit){.line = number,
                        .place = s->digits,
                        .x = span->x,
                        .y = span->y,
                        .width = span->width,
                        .height = span->height,
                        .class = answers[s->span].class,
                        .confidence = answers[s->span].confidence,
                        .pixels = out->lattice.pixels + (size_t)s->span * size};
        part = span->first + s->shared;
        open = s->shared;
    }
    out->n += n;
}

/* spaces_find - marks digits behind a gap that is wider than the line's digits: than
 * their mean, or three fifths of their height where they are all narrow. */
static void spaces_find(ext_digit *digits, int n) {
    int width = 0, height = 0;
    for (int i = 0; i < n; i++) {
        width += digits[i].width;
        height += digits[i].height;
    }
    for (int i = 1; i < n; i++) {
        const int gap = digits[i].x - digits[i - 1].x - digits[i - 1].width;
        digits[i].after_space = gap * n > width && gap * n * 5 > height * 3;
    }
}

/* number_solve - the digits of out's lattice, and what they cost together. */
static int number_solve(ext_number *out, const answer *answers, size_t size,
                        char *error) {
    const size_t room = (size_t)out->lattice.n_parts;
    step *steps = sqlite3_malloc64((room + 1) * sizeof *steps);
    out->digits = sqlite3_malloc64(room * sizeof *out->digits);
    int lines = 0;
    if (steps && out->digits)
        for (int i = 0; i < out->lattice.n_lines; i++) {
            const number_line *line = &out->lattice.lines[i];
            const int before = out->n;
            steps_find(steps, &out->lattice, line, answers);
            line_read(out, steps, line, answers, lines + 1, size);
            out->cost += steps[line->last - line->first].done.cost;
            spaces_find(out->digits + before, out->n - before);
            lines += out->n > before;
        }
    sqlite3_free(steps);
    return steps && out->digits ? SQLITE_OK : ext_no_memory(error);
}

/* --- together ---------------------------------------------------------------------- */

/* number_look - reads a picture, with the lines that may be strokes or without. */
static int number_look(ext_number *out, ext_model *model, int64_t work,
                       const digit_picture *picture, int keep, sqlite3_value *model_name,
                       char *error) {
    const size_t size = (size_t)model->info.shape.h * (size_t)model->info.shape.w;
    answer *answers = NULL;
    int rc = spans_find(&out->lattice, model, picture, keep, error);
    if (rc != SQLITE_OK || !out->lattice.n_spans) return rc;
    rc = spans_predict(&answers, &out->lattice, model, work, model_name, error);
    if (rc == SQLITE_OK) rc = number_solve(out, answers, size, error);
    sqlite3_free(answers);
    return rc;
}

#define UNRULED 0.1 /* what a digit costs less than, on average, if no rule is left */

/* is_unruled - whether the lines that stay in one reading were strokes: its digits cost
 * little, or less than those without the lines. */
static int is_unruled(const ext_number *kept, const ext_number *without) {
    return kept->n && (kept->cost < UNRULED * kept->n ||
                       (without->n && kept->cost * without->n < without->cost * kept->n));
}

/* number_choose - reads a picture; if it has lines that may be strokes, with them and
 * without. */
static int number_choose(ext_number *out, ext_model *model, int64_t work,
                         const digit_picture *picture, sqlite3_value *model_name,
                         char *error) {
    ext_number other = {0};
    int rc = number_look(out, model, work, picture, 0, model_name, error);
    if (rc != SQLITE_OK || !out->lattice.doubtful) return rc;
    rc = number_look(&other, model, work, picture, 1, model_name, error);
    if (rc == SQLITE_OK && is_unruled(&other, out)) {
        const ext_number worse = *out;
        *out = other;
        other = worse;
    }
    ext_number_free(&other);
    return rc;
}

static int number_read(ext_number *out, ext_model *model, int64_t work,
                       sqlite3_value *png, sqlite3_value *model_name, char *error) {
    const load_stop stop = ext_room_stop(&model->room);
    const void *bytes;
    size_t size;
    png_picture p;
    int rc = picture_bytes(&bytes, &size, model, png, error);
    if (rc != SQLITE_OK) return rc;
    rc = ext_from_loader(png_decode_all(&p, bytes, size, &stop, error, EXT_ERROR_SIZE),
                         error);
    if (rc != SQLITE_OK) return rc;
    const digit_picture picture = {p.grey, p.deep, p.alpha, p.height, p.width, p.rgb};
    rc = number_choose(out, model, work, &picture, model_name, error);
    png_picture_free(&p);
    return rc;
}

int ext_number_read(ext_number *out, const ext_context *models, ext_model *model,
                    sqlite3_value *png, sqlite3_value *model_name, char *error) {
    const int64_t work = ext_context_limits(models).work;
    memset(out, 0, sizeof *out);
    ext_watch_begin(&model->room.watch);
    const int rc = number_read(out, model, work, png, model_name, error);
    ext_watch_end(&model->room.watch);
    return rc;
}

void ext_number_free(ext_number *number) {
    sqlite3_free(number->digits);
    number_free(&number->lattice);
    memset(number, 0, sizeof *number);
}
