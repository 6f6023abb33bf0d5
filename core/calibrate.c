/* calibrate.c - the temperature of a network's probabilities: see dn.h.
 *
 * With b = 1/T and l = log p, the mean of −log softmax(b·l)[truth] over all predictions is
 * convex in b. Newton's method on its derivatives
 *     f'(b) = mean(E[l] − l[truth])      f"(b) = mean(E[l²] − E[l]²)
 * where E is the expectation under softmax(b·l), kept within bounds. */
#include "dn.h"
#include "fmath.h"

#define LEAST      0.1 /* of b: temperature 10 */
#define MOST       5.0 /* temperature 0.2: few images, all of them right, say no more */
#define ITERATIONS 30

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

double dn_calibrate(const float *probabilities, int classes, const int32_t *truth,
                    int64_t n) {
    double b = 1, low = LEAST, high = MOST;
    for (int i = 0; i < ITERATIONS; i++) {
        double first = 0, second = 0;
        for (int64_t k = 0; k < n; k++)
            derivatives(&first, &second, probabilities + k * classes, classes, truth[k],
                        b);
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

void dn_soften(float *probabilities, int classes, int64_t n, double temperature) {
    for (int64_t k = 0; k < n; k++, probabilities += classes) {
        double sum = 0;
        for (int o = 0; o < classes; o++) {
            const float p = probabilities[o];
            const double e = p > 0 ? dn_exp(dn_log((double)p) / temperature) : 0;
            probabilities[o] = (float)e;
            sum += e;
        }
        for (int o = 0; o < classes; o++)
            probabilities[o] = (float)((double)probabilities[o] / sum);
    }
}
