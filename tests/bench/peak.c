/* peak.c - see peak.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include "host.h"
#include "peak.h"

#define ROUNDS 1000 /* in a chunk: some microseconds */
#define MOST   256  /* threads */

/* --- one chunk, for each instruction set -------------------------------------------- */

#define TWELVE(X)  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define SIXTEEN(X) TWELVE(X) X(12) X(13) X(14) X(15)

#define START(i) s##i = SET((float)i);
#define STEP(i)  s##i = FMA(s##i, half, one);
#define FOLD(i)  last = FMA(s##i, half, last);

/* s = s·½ + 1 goes to 2: no chain ever meets a number that is slow. Twelve or sixteen
 * chains are more than latency times multipliers, and as many as registers hold. */
#define CHUNK(CHAINS)                                                                    \
    half = SET(0.5f);                                                                    \
    one = SET(1.0f);                                                                     \
    last = SET(0.0f);                                                                    \
    CHAINS(START)                                                                        \
    for (int k = 0; k < ROUNDS; k++) {                                                   \
        CHAINS(STEP)                                                                     \
    }                                                                                    \
    CHAINS(FOLD)                                                                         \
    memcpy(out, &last, sizeof last);

#if defined(__x86_64__)
#include <immintrin.h>

#define SET _mm512_set1_ps
#define FMA _mm512_fmadd_ps
__attribute__((target("avx512f"))) static void chunk_avx512(float *out) {
    __m512 s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15;
    __m512 half, one, last;
    CHUNK(SIXTEEN)
}
#undef SET
#undef FMA

#define SET _mm256_set1_ps
#define FMA _mm256_fmadd_ps
__attribute__((target("avx2,fma"))) static void chunk_avx2(float *out) {
    __m256 s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
    __m256 half, one, last;
    CHUNK(TWELVE)
}
#undef SET
#undef FMA
#endif

#if defined(__aarch64__)
#include <arm_neon.h>
#define SET          vdupq_n_f32
#define FMA(a, b, c) vfmaq_f32(c, a, b)
typedef float32x4_t four;
#else
/* No fused multiply-add to be had: one product and one sum. */
typedef float four __attribute__((vector_size(16)));
#define SET(x)       ((four){x, x, x, x})
#define FMA(a, b, c) ((a) * (b) + (c))
#endif
static void chunk_portable(float *out) {
    four s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15;
    four half, one, last;
    CHUNK(SIXTEEN)
}

/* What a chunk consists of. */
typedef struct kernel {
    const char *isa;
    void (*chunk)(float *out);
    int lanes, chains;
} kernel;

static const kernel *kernel_of(const char *isa) {
    static const kernel kernels[] = {
#if defined(__x86_64__)
        {"avx512", chunk_avx512, 16, 16},
        {"avx2", chunk_avx2, 8, 12},
#endif
        {"portable", chunk_portable, 4, 16}
    };
    const size_t n = sizeof kernels / sizeof *kernels;
    for (size_t i = 0; i < n; i++)
        if (strcmp(kernels[i].isa, isa) == 0) return &kernels[i];
    return &kernels[n - 1];
}

/* --- on several threads ------------------------------------------------------------- */

typedef struct job {
    const kernel *kernel;
    double end;  /* host_seconds() at which to stop */
    double rate; /* GFLOP/s, the result */
    float last[16];
} job;

static void *job_run(void *argument) {
    job *j = argument;
    struct timespec from, to;
    long chunks = 0;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    do {
        for (int i = 0; i < 8; i++) j->kernel->chunk(j->last);
        chunks += 8;
    } while (host_seconds() < j->end);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    const double seconds = (double)(to.tv_sec - from.tv_sec) +
                           1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    const double steps = (double)chunks * ROUNDS + (double)chunks; /* and the folding */
    j->rate = 2e-9 * steps * j->kernel->chains * j->kernel->lanes / seconds;
    return NULL;
}

double peak_measure(const char *isa, int threads, double seconds) {
    static const job none;
    job jobs[MOST];
    pthread_t ids[MOST];
    if (threads > MOST) threads = MOST;
    for (int i = 0; i < threads; i++) {
        jobs[i] = none;
        jobs[i].kernel = kernel_of(isa);
        jobs[i].end = host_seconds() + seconds;
    }
    int started = 1;
    while (started < threads &&
           pthread_create(&ids[started], NULL, job_run, &jobs[started]) == 0)
        started++;
    job_run(&jobs[0]);
    double sum = jobs[0].rate;
    for (int i = 1; i < started; i++) {
        pthread_join(ids[i], NULL);
        sum += jobs[i].rate;
    }
    return sum;
}

int peak_lanes(const char *isa) { return kernel_of(isa)->lanes; }

/* The empty instruction stands between two additions, so that they are not made one. */
#define ADD                                                                              \
    x += step;                                                                           \
    __asm__ volatile("" : "+r"(x));
#define TEN_ADDS ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD

double peak_clock(double seconds) {
    uint64_t x = 0, step = (uint64_t)host_seconds();
    const double start = host_seconds();
    double now = start;
    long turns = 0;
    while (now - start < seconds) {
        for (int i = 0; i < 1000; i++) {
            TEN_ADDS TEN_ADDS TEN_ADDS TEN_ADDS
        }
        turns += 1000;
        now = host_seconds();
    }
    return 40e-9 * (double)turns / (now - start);
}
