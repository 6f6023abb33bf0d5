/* schedule.c - the learning rate of a step: see dn.h, dn_schedule. */
#include "fmath.h"
#include "trainer.h"

double dn_rate(const dn_options *o, int64_t step, int64_t steps) {
    const double t = step < steps ? ((double)step + 0.5) / (double)steps : 1;
    if (t < o->warmup) {
        const double part = t / o->warmup;
        if (o->schedule != DN_ONECYCLE) return o->rate * part;
        const double lowest = 1.0 / 25;
        return o->rate * (lowest + (1 - lowest) * 0.5 * (1 - dn_cos(DN_PI * part)));
    }
    if (o->schedule == DN_CONSTANT) return o->rate;
    const double part = o->warmup < 1 ? (t - o->warmup) / (1 - o->warmup) : 1;
    const double height = 1 + dn_cos(DN_PI * part);
    return height > 0 ? o->rate * 0.5 * height : 0; /* cos π comes out below −1 */
}
