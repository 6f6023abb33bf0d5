/* peak.h - how many floating-point operations a second this machine can do.
 *
 *     peak_measure("avx512", 1, 0.02)     GFLOP/s of one core, measured for 20 ms
 *
 * Sums in registers alone, each its own chain, more of them than the multipliers can hold
 * at once: nothing else a program does comes closer to what the processor has. A fused
 * multiply-add is two operations. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

/* peak_measure - GFLOP/s of `threads` threads together, with one of the instruction sets
 * that dn_isa_name can name. */
double peak_measure(const char *isa, int threads, double seconds);

/* peak_lanes - floats in a vector of an instruction set. */
int peak_lanes(const char *isa);

/* peak_clock - GHz of the core it runs on, from a chain of additions of integers, each of
 * which takes one cycle. */
double peak_clock(double seconds);

#endif
