/* synth_forms.h - the ways people write each digit, for synth.c alone.
 *
 * A form lists the knots that the pen passes. Each knot is given twice, for two extremes
 * of the form: a round and a narrow 0, a small and a large loop. */
#ifndef SYNTH_FORMS_H
#define SYNTH_FORMS_H

enum { END, DOWN, BEND, TURN };

typedef struct {
    signed char pen;    /* DOWN starts a stroke, BEND is passed smoothly, TURN sharply */
    signed char ax, ay; /* at one extreme: x to the right, y downwards, about 0..100 */
    signed char bx, by; /* at the other */
} knot;

#define MAX_KNOTS 11
#define MAX_FORMS 6

typedef struct {
    int weight;                /* how often it is written so; 0 in an unused place */
    knot knots[MAX_KNOTS + 1]; /* up to END */
} form;

/* clang-format off */
static const form forms[10][MAX_FORMS] = {
    {
        /* 0: a closed ring */
        {6, {{DOWN, 58, 2, 45, 0}, {BEND, 25, 8, 28, 10}, {BEND, 0, 38, 18, 40},
             {BEND, 4, 76, 18, 78}, {BEND, 42, 97, 38, 98}, {BEND, 86, 84, 60, 84},
             {BEND, 100, 48, 66, 50}, {BEND, 84, 14, 60, 14}, {BEND, 48, 3, 42, 0}}},
        /* 0: the end hooks into the ring */
        {4, {{DOWN, 74, 10, 40, 22}, {BEND, 50, 4, 44, 4}, {BEND, 20, 18, 20, 20},
             {BEND, 4, 52, 8, 52}, {BEND, 12, 86, 18, 90}, {BEND, 42, 99, 42, 99},
             {BEND, 74, 82, 70, 82}, {BEND, 86, 48, 82, 46}, {BEND, 72, 16, 66, 12},
             {BEND, 56, 12, 44, 2}}},
    },
    {
        /* 1: a bare stroke */
        {18, {{DOWN, 50, 0, 50, 0}, {BEND, 50, 50, 53, 50}, {BEND, 50, 100, 50, 100}}},
        /* 1: with a flag */
        {2, {{DOWN, 36, 12, 18, 30}, {TURN, 50, 0, 50, 0}, {BEND, 50, 50, 50, 50},
             {BEND, 50, 100, 50, 100}}},
        /* 1: with flag and base */
        {1, {{DOWN, 36, 12, 18, 28}, {TURN, 50, 0, 50, 0}, {BEND, 50, 50, 50, 50},
             {BEND, 50, 98, 50, 98}, {DOWN, 24, 99, 10, 98}, {BEND, 76, 98, 90, 98}}},
    },
    {
        /* 2: a corner at the foot */
        {5, {{DOWN, 10, 22, 4, 12}, {BEND, 36, 2, 40, 0}, {BEND, 68, 10, 74, 12},
             {BEND, 70, 36, 70, 38}, {BEND, 40, 68, 38, 70}, {TURN, 4, 96, 2, 98},
             {BEND, 40, 94, 45, 97}, {BEND, 92, 96, 88, 94}}},
        /* 2: a loop at the foot */
        {5, {{DOWN, 12, 26, 4, 14}, {BEND, 38, 2, 38, 0}, {BEND, 70, 18, 68, 16},
             {BEND, 64, 46, 58, 48}, {BEND, 34, 84, 34, 86}, {BEND, 10, 96, 12, 97},
             {BEND, 2, 82, 3, 80}, {BEND, 22, 68, 20, 72}, {BEND, 56, 80, 48, 88},
             {BEND, 92, 102, 88, 94}}},
        /* 2: curled in at the head, looped at the foot */
        {3, {{DOWN, 34, 36, 14, 42}, {BEND, 12, 22, 6, 20}, {BEND, 40, 0, 40, 2},
             {BEND, 72, 18, 80, 22}, {BEND, 60, 56, 64, 60}, {BEND, 28, 86, 26, 84},
             {BEND, 6, 92, 4, 84}, {BEND, 18, 74, 20, 70}, {BEND, 54, 86, 54, 80},
             {BEND, 94, 84, 84, 104}}},
        /* 2: narrow, on a base */
        {3, {{DOWN, 24, 24, 10, 14}, {BEND, 46, 0, 44, 0}, {BEND, 66, 14, 72, 16},
             {BEND, 56, 54, 58, 50}, {TURN, 24, 98, 16, 98}, {BEND, 48, 90, 60, 96},
             {BEND, 70, 98, 112, 98}}},
    },
    {
        /* 3: two bellies */
        {6, {{DOWN, 12, 14, 6, 8}, {BEND, 42, 0, 40, 1}, {BEND, 70, 16, 72, 18},
             {BEND, 56, 40, 58, 40}, {TURN, 30, 48, 40, 46}, {BEND, 60, 52, 62, 52},
             {BEND, 78, 72, 74, 72}, {BEND, 50, 98, 48, 98}, {BEND, 4, 90, 2, 96}}},
        /* 3: a flat top */
        {2, {{DOWN, 8, 6, 4, 2}, {BEND, 40, 4, 40, 3}, {TURN, 74, 4, 76, 2},
             {TURN, 40, 42, 34, 38}, {BEND, 66, 50, 62, 46}, {BEND, 78, 72, 76, 72},
             {BEND, 48, 97, 46, 99}, {BEND, 2, 88, 2, 94}}},
        /* 3: a loop between the bellies */
        {2, {{DOWN, 10, 16, 14, 6}, {BEND, 44, 0, 44, 1}, {BEND, 70, 20, 70, 16},
             {BEND, 46, 46, 48, 46}, {BEND, 34, 50, 32, 46}, {BEND, 38, 44, 40, 41},
             {BEND, 64, 56, 66, 56}, {BEND, 72, 78, 72, 80}, {BEND, 40, 99, 40, 98},
             {BEND, 4, 84, 4, 92}}},
        /* 3: leaning back */
        {3, {{DOWN, 30, 12, 18, 4}, {BEND, 58, 0, 50, 0}, {BEND, 80, 14, 76, 12},
             {BEND, 60, 40, 60, 34}, {TURN, 44, 46, 36, 42}, {BEND, 70, 60, 76, 58},
             {BEND, 66, 88, 70, 90}, {BEND, 30, 100, 30, 102}, {BEND, 0, 80, -4, 94}}},
    },
    {
        /* 4: open, two strokes */
        {5, {{DOWN, 12, 6, 22, 2}, {BEND, 6, 34, 10, 34}, {TURN, 6, 54, 4, 58},
             {BEND, 40, 54, 40, 56}, {BEND, 80, 48, 88, 54}, {DOWN, 68, 4, 66, 10},
             {BEND, 62, 50, 62, 54}, {BEND, 58, 100, 58, 100}}},
        /* 4: open, one stroke, like a y */
        {3, {{DOWN, 10, 8, 16, 2}, {BEND, 4, 34, 8, 34}, {BEND, 18, 52, 18, 56},
             {BEND, 46, 46, 50, 46}, {TURN, 70, 4, 72, 14}, {BEND, 64, 50, 62, 54},
             {BEND, 58, 100, 56, 100}}},
        /* 4: closed */
        {1, {{DOWN, 64, 2, 58, 0}, {BEND, 36, 30, 30, 32}, {TURN, 2, 64, 4, 60},
             {BEND, 40, 62, 40, 62}, {BEND, 92, 60, 82, 62}, {DOWN, 66, 2, 60, 6},
             {BEND, 64, 50, 60, 50}, {BEND, 62, 100, 60, 100}}},
        /* 4: a short stem across */
        {3, {{DOWN, 34, 0, 26, 2}, {BEND, 14, 32, 12, 30}, {TURN, 2, 60, 2, 58},
             {BEND, 40, 56, 44, 60}, {BEND, 90, 50, 94, 58}, {DOWN, 62, 26, 58, 34},
             {BEND, 50, 62, 48, 64}, {BEND, 40, 100, 42, 100}}},
    },
    {
        /* 5: the hat is a stroke of its own */
        {5, {{DOWN, 22, 4, 26, 6}, {BEND, 18, 24, 20, 24}, {TURN, 14, 44, 14, 42},
             {BEND, 46, 38, 40, 34}, {BEND, 74, 60, 66, 56}, {BEND, 64, 90, 58, 90},
             {BEND, 34, 100, 30, 99}, {BEND, 2, 80, 0, 96}, {DOWN, 22, 5, 28, 6},
             {BEND, 50, 4, 62, 4}, {BEND, 76, 2, 104, 0}}},
        /* 5: one stroke from the hat */
        {4, {{DOWN, 92, 2, 76, 6}, {BEND, 58, 6, 50, 4}, {TURN, 30, 8, 18, 6},
             {TURN, 18, 40, 16, 50}, {BEND, 44, 36, 48, 46}, {BEND, 70, 56, 78, 70},
             {BEND, 60, 88, 64, 94}, {BEND, 30, 100, 34, 100}, {BEND, 0, 78, 4, 94}}},
        /* 5: rounded like an s */
        {3, {{DOWN, 86, 4, 68, 0}, {BEND, 52, 4, 50, 4}, {BEND, 28, 14, 36, 16},
             {BEND, 28, 38, 30, 36}, {BEND, 54, 52, 56, 52}, {BEND, 62, 78, 64, 78},
             {BEND, 36, 99, 36, 99}, {BEND, 2, 92, 4, 70}}},
    },
    {
        /* 6: a curved back */
        {3, {{DOWN, 66, 4, 54, 0}, {BEND, 34, 22, 26, 22}, {BEND, 8, 60, 8, 60},
             {BEND, 14, 92, 18, 94}, {BEND, 44, 99, 44, 100}, {BEND, 72, 82, 64, 80},
             {BEND, 60, 58, 54, 54}, {BEND, 30, 66, 26, 66}, {BEND, 14, 84, 14, 90}}},
        /* 6: a straight back */
        {3, {{DOWN, 46, 0, 30, 0}, {BEND, 22, 34, 14, 36}, {BEND, 4, 74, 6, 72},
             {BEND, 24, 98, 26, 99}, {BEND, 62, 92, 66, 88}, {BEND, 66, 70, 70, 64},
             {BEND, 46, 62, 44, 54}, {BEND, 16, 84, 14, 70}}},
        /* 6: the top bends over */
        {3, {{DOWN, 60, 0, 66, 8}, {BEND, 36, 14, 42, 4}, {BEND, 10, 50, 14, 40},
             {BEND, 10, 86, 6, 78}, {BEND, 38, 100, 38, 99}, {BEND, 72, 84, 76, 76},
             {BEND, 58, 58, 58, 50}, {BEND, 30, 66, 24, 60}, {BEND, 30, 92, 22, 80}}},
        /* 6: a wide loop, like a b */
        {3, {{DOWN, 34, 0, 10, 0}, {BEND, 14, 36, 4, 38}, {BEND, 8, 82, 14, 88},
             {BEND, 44, 100, 52, 100}, {BEND, 88, 90, 96, 80}, {BEND, 84, 66, 78, 54},
             {BEND, 56, 62, 48, 58}, {BEND, 34, 86, 30, 84}}},
    },
    {
        /* 7: plain */
        {4, {{DOWN, 6, 8, 4, 2}, {BEND, 40, 4, 40, 6}, {TURN, 78, 2, 80, 6},
             {BEND, 58, 48, 52, 46}, {BEND, 42, 100, 26, 100}}},
        /* 7: with a serif */
        {2, {{DOWN, 4, 40, 10, 18}, {TURN, 10, 4, 6, 6}, {BEND, 44, 10, 44, 4},
             {TURN, 80, 2, 80, 4}, {BEND, 56, 48, 56, 46}, {BEND, 44, 100, 34, 100}}},
        /* 7: curved */
        {3, {{DOWN, 4, 16, 2, 28}, {BEND, 34, 2, 26, 4}, {BEND, 74, 6, 66, 4},
             {BEND, 76, 30, 70, 34}, {BEND, 56, 66, 54, 68}, {BEND, 44, 100, 40, 100}}},
        /* 7: with a bar */
        {2, {{DOWN, 6, 10, 6, 4}, {BEND, 40, 6, 40, 4}, {TURN, 78, 2, 80, 6},
             {BEND, 54, 48, 50, 46}, {BEND, 34, 100, 26, 100}, {DOWN, 24, 44, 8, 58},
             {BEND, 84, 44, 94, 54}}},
    },
    {
        /* 8: an s, closed upwards */
        {5, {{DOWN, 72, 16, 66, 10}, {BEND, 46, 0, 42, 1}, {BEND, 20, 18, 18, 22},
             {BEND, 38, 46, 36, 46}, {BEND, 64, 72, 62, 72}, {BEND, 42, 99, 38, 99},
             {BEND, 10, 80, 10, 78}, {BEND, 34, 52, 32, 50}, {BEND, 70, 22, 70, 18},
             {BEND, 72, 8, 60, 6}}},
        /* 8: the ends cross or stay open */
        {5, {{DOWN, 98, 14, 68, 12}, {BEND, 50, 6, 44, 4}, {BEND, 18, 22, 20, 24},
             {BEND, 40, 48, 38, 46}, {BEND, 60, 76, 58, 76}, {BEND, 34, 99, 32, 99},
             {BEND, 12, 80, 8, 80}, {BEND, 40, 52, 36, 50}, {BEND, 68, 30, 98, 0}}},
        /* 8: two circles */
        {1, {{DOWN, 44, 46, 48, 48}, {BEND, 20, 26, 22, 26}, {BEND, 42, 1, 44, 2},
             {BEND, 66, 24, 68, 24}, {BEND, 44, 47, 46, 48}, {BEND, 14, 74, 16, 72},
             {BEND, 42, 100, 44, 100}, {BEND, 74, 74, 72, 76}, {BEND, 46, 47, 48, 46}}},
        /* 8: begun at the waist */
        {1, {{DOWN, 30, 40, 40, 46}, {BEND, 16, 20, 20, 22}, {BEND, 44, 0, 46, 1},
             {BEND, 68, 20, 68, 20}, {BEND, 44, 48, 44, 50}, {BEND, 14, 78, 16, 76},
             {BEND, 40, 100, 42, 99}, {BEND, 70, 76, 68, 76}, {BEND, 50, 54, 50, 56},
             {BEND, 26, 36, 34, 40}}},
        /* 8: narrow */
        {3, {{DOWN, 66, 10, 70, 4}, {BEND, 44, 0, 42, 2}, {BEND, 24, 16, 16, 20},
             {BEND, 38, 44, 40, 40}, {BEND, 54, 74, 50, 74}, {BEND, 42, 100, 36, 100},
             {BEND, 26, 84, 28, 88}, {BEND, 40, 56, 40, 62}, {BEND, 64, 24, 74, 20},
             {BEND, 60, 4, 62, 2}}},
    },
    {
        /* 9: a straight stem */
        {4, {{DOWN, 70, 12, 66, 6}, {BEND, 44, 2, 40, 1}, {BEND, 12, 24, 14, 22},
             {BEND, 20, 46, 22, 46}, {BEND, 52, 38, 50, 38}, {TURN, 70, 10, 68, 8},
             {BEND, 62, 54, 64, 52}, {BEND, 52, 100, 60, 100}}},
        /* 9: a curved stem */
        {3, {{DOWN, 68, 24, 72, 30}, {BEND, 46, 2, 46, 1}, {BEND, 14, 20, 12, 22},
             {BEND, 18, 46, 18, 48}, {BEND, 50, 44, 52, 46}, {BEND, 68, 20, 72, 22},
             {BEND, 64, 58, 70, 58}, {BEND, 50, 100, 62, 100}}},
        /* 9: a hook at the foot */
        {1, {{DOWN, 68, 14, 70, 20}, {BEND, 42, 0, 44, 1}, {BEND, 12, 22, 14, 26},
             {BEND, 24, 46, 26, 48}, {BEND, 56, 38, 58, 38}, {BEND, 70, 14, 70, 16},
             {BEND, 66, 62, 72, 58}, {BEND, 46, 96, 50, 98}, {BEND, 20, 96, 8, 88}}},
        /* 9: a drooping head */
        {2, {{DOWN, 74, 6, 80, 10}, {BEND, 40, 8, 40, 8}, {BEND, 10, 34, 10, 32},
             {BEND, 26, 48, 24, 48}, {BEND, 58, 28, 56, 30}, {TURN, 74, 6, 72, 10},
             {BEND, 56, 52, 58, 54}, {BEND, 34, 100, 44, 100}}},
        /* 9: a wide head, like an a */
        {2, {{DOWN, 74, 12, 80, 6}, {BEND, 40, 0, 40, 0}, {BEND, 4, 26, 4, 28},
             {BEND, 20, 60, 22, 52}, {BEND, 60, 46, 58, 40}, {TURN, 78, 12, 78, 6},
             {BEND, 80, 56, 76, 52}, {BEND, 86, 100, 74, 100}}},
        /* 9: the head is open */
        {1, {{DOWN, 60, 6, 46, 0}, {BEND, 34, 6, 16, 14}, {BEND, 14, 28, 10, 34},
             {BEND, 24, 46, 22, 52}, {BEND, 56, 36, 58, 44}, {TURN, 74, 6, 76, 2},
             {BEND, 64, 50, 70, 50}, {BEND, 52, 100, 64, 100}}},
    },};
/* clang-format on */

/* How far each digit leans to the right, and the spread of that: people slant a 5 more
 * than an 8. As x per unit of y. */
static const double lean[10] = {.20, .27, .14, .04, .27, .16, .16, .02, .06, .15};
static const double lean_spread[10] = {.20, .25, .28, .27, .31, .30, .18, .24, .24, .25};

#endif
