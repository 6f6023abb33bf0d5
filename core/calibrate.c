/* calibrate.c - the temperature of a network's probabilities: see dn.h.
 *
 * With b = 1/T and l = log p, the mean of −log softmax(b·l)[truth] over all predictions
 * is convex in b. Newton's method on its derivatives
 *     f'(b) = mean(E[l] − l[truth])      f"(b) = mean(E[l²] − E[l]²)
 * where E is the expectation under softmax(b·l), kept within bounds. */
#include "fmath.h"
#include "threads.h"

#define LEAST      0.1 /* of b: temperature 10 */
#define MOST       5.0 /* temperature 0.2: few images, all of them right, say no more */
#define ITERATIONS 30
#define CHUNK      4096 /* predictions of one task */

/* All predictions, and how far the sums over them have come. */
typedef struct predictions {
    const float *p;
    int classes;
    const int32_t *truth;
    int64_t n;
    double b, first, second;
} predictions;

/* Adds one prediction's share of f' and f". */
static void derivatives(double *first, double *second, const float *p, int classes,
                        int32_t truth, double b) {
    double sum = 0, mean = 0, square = 0, right = 0, top = 0;
    for (int o = 0; o < classes; o++)
        if ((double)p[o] > top) top = (double)p[o];
    const double log_top = dn_log(top);
    for (int o = 0; o < classes; o++) {
        /* A probability too small for a float counts as the smallest there is. */
        const double l = dn_log(p[o] > 1e-37f ? (double)p[o] : 1e-37) - log_top;
        const double e = dn_exp(b * l);
        sum += e;
        mean += e * l;
        square += e * l * l;
        if (o == truth) right = l;
    }
    mean /= sum;
    *first += mean - right;
    *second += square / sum - mean * mean;
}

static void derivatives_task(void *context, int task, int thread) {
    predictions *all = context;
    const int64_t from = (int64_t)task * CHUNK;
    const int64_t to = all->n - from < CHUNK ? all->n : from + CHUNK;
    (void)thread;
    for (int64_t k = from; k < to; k++)
        derivatives(&all->first, &all->second, all->p + k * all->classes, all->classes,
                    all->truth[k], all->b);
}

static int chunks(int64_t n) { return (int)((n + CHUNK - 1) / CHUNK); }

double dn_calibrate(dn_threads *threads, const float *probabilities, int classes,
                    const int32_t *truth, int64_t n) {
    double b = 1, low = LEAST, high = MOST;
    for (int i = 0; i < ITERATIONS; i++) {
        /* In the order of the predictions, so on one thread. */
        predictions all = {probabilities, classes, truth, n, b, 0, 0};
        dn_threads_run(threads, 1, derivatives_task, &all, chunks(n));
        const double first = all.first, second = all.second;
        if (first > 0)
            high = b;
        else
            low = b;
        double next = second > 0 ? b - first / second : b;
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        const double change = next > b ? next - b : b - next;
        b = next;
        if (change < 1e-4 * b) break;
    }
    return 1 / b;
}

/* What is to become of them. */
typedef struct softening {
    float *p;
    int classes;
    int64_t n;
    double temperature;
} softening;

static void soften_task(void *context, int task, int thread) {
    const softening *all = context;
    const int64_t from = (int64_t)task * CHUNK;
    const int64_t to = all->n - from < CHUNK ? all->n : from + CHUNK;
    float *row = all->p + from * all->classes;
    (void)thread;
    for (int64_t k = from; k < to; k++, row += all->classes) {
        double sum = 0;
        for (int o = 0; o < all->classes; o++) {
            const float p = row[o];
            const double e = p > 0 ? dn_exp(dn_log((double)p) / all->temperature) : 0;
            row[o] = (float)e;
            sum += e;
        }
        for (int o = 0; o < all->classes; o++) row[o] = (float)((double)row[o] / sum);
    }
}

void dn_soften(dn_threads *threads, float *probabilities, int classes, int64_t n,
               double temperature) {
    softening all = {probabilities, classes, n, temperature};
    dn_threads_run(threads, DN_MAX_THREADS, soften_task, &all, chunks(n));
}
