/* test_update.c - the learning rate's schedules, and what an update is made of, each
 * against its formula in plain words. */
#include <math.h>
#include "../../../core/trainer.h"
#include "../check.h"

#define STEPS 1000
#define PI    3.14159265358979323846

/* How far dn_rate is from a formula, at most, over all steps and the one after the
 * last. */
static double off(const dn_options *o, double (*formula)(const dn_options *, double)) {
    double worst = 0;
    for (int step = 0; step <= STEPS; step++) {
        const double t = step < STEPS ? (step + 0.5) / STEPS : 1;
        worst = fmax(worst, fabs(dn_rate(o, step, STEPS) - formula(o, t)));
    }
    return worst;
}

static double constant(const dn_options *o, double t) {
    return t < o->warmup ? o->rate * t / o->warmup : o->rate;
}

/* Half a cosine down to 0, of what is left after the warmup. */
static double falling(const dn_options *o, double t) {
    const double part = o->warmup < 1 ? (t - o->warmup) / (1 - o->warmup) : 1;
    return o->rate * 0.5 * (1 + cos(PI * part));
}

static double cosine(const dn_options *o, double t) {
    return t < o->warmup ? o->rate * t / o->warmup : falling(o, t);
}

/* Half a cosine up from a 25th, and down to 0. */
static double onecycle(const dn_options *o, double t) {
    const double rise = 0.5 * (1 - cos(PI * t / o->warmup));
    return t < o->warmup ? o->rate * (0.04 + 0.96 * rise) : falling(o, t);
}

static void test_schedules(void) {
    static const double warmups[] = {0, 0.3, 1};
    char error[256];
    dn_options o;
    CHECK(dn_options_default(&o, "8N", error, sizeof error) == DN_OK);
    o.rate = 0.5;
    for (int i = 0; i < 3; i++) {
        o.warmup = warmups[i];
        o.schedule = DN_CONSTANT;
        CHECK(off(&o, constant) < 1e-12);
        o.schedule = DN_COSINE;
        CHECK(off(&o, cosine) < 1e-12);
        o.schedule = DN_ONECYCLE;
        CHECK(off(&o, onecycle) < 1e-12);
        /* Never below, whatever cos π comes out as. */
        CHECK(dn_rate(&o, STEPS, STEPS) == 0);
    }
}

static dn_update update_at(int64_t step, dn_optimizer optimizer, double momentum,
                           double beta2, double ema) {
    static dn_trainer t; /* of which only this is looked at */
    t.options = (dn_options){.optimizer = optimizer,
                             .schedule = DN_CONSTANT,
                             .rate = 0.25,
                             .momentum = momentum,
                             .beta2 = beta2,
                             .weight_decay = 0.5,
                             .ema = ema};
    t.step = step;
    t.steps = STEPS;
    return dn_update_begin(&t);
}

static int near(float is, double wanted) { return fabs((double)is - wanted) < 1e-7; }

static void test_update(void) {
    /* Kingma and Ba (2014): rate · √(1 − β2ᵗ) / (1 − β1ᵗ), t counted from 1. */
    dn_update u = update_at(2, DN_ADAMW, 0.9, 0.99, 0.998);
    const double second = sqrt(1 - 0.99 * 0.99 * 0.99);
    CHECK(near(u.rate, 0.25 * second / (1 - 0.9 * 0.9 * 0.9)));
    CHECK(fabs((double)u.epsilon / (1e-8 * second) - 1) < 1e-6);
    CHECK(near(u.decay, 1 - 0.25 * 0.5));
    CHECK(near(u.momentum, 0.9) && near(u.beta2, 0.99));
    /* A young average forgets faster: (step + 1) / (step + 10). */
    CHECK(near(u.ema, 3.0 / 12));
    CHECK(near(update_at(100000, DN_ADAMW, 0.9, 0.99, 0.998).ema, 0.998));
    /* Without moments there is nothing to correct. */
    u = update_at(0, DN_ADAMW, 0, 0, 0);
    CHECK(near(u.rate, 0.25) && near(u.ema, 0));
    u = update_at(5, DN_SGD, 0.9, 0.99, 0);
    CHECK(near(u.rate, 0.25) && near(u.decay, 1 - 0.25 * 0.5));
}

int main(void) {
    test_schedules();
    test_update();
    return check_done("test_update");
}
