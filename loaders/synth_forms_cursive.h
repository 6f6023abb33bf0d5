/* synth_forms_cursive.h - digits written in one go, as letters are: loops that cross,
 * strokes that lead in and out. For synth_path.c alone. */
#ifndef SYNTH_FORMS_CURSIVE_H
#define SYNTH_FORMS_CURSIVE_H

#include "synth_parts.h"

/* clang-format off */
static const synth_form cursive_forms[10][SYNTH_FORMS] = {
    {
        /* 0: a small loop at the top, a stroke that leads out */
        {2, {{DOWN, 56, 4, 50, 8}, {BEND, 20, 16, 24, 14}, {BEND, 2, 54, 14, 52},
             {BEND, 30, 96, 36, 97}, {BEND, 74, 86, 66, 84}, {BEND, 86, 46, 76, 44},
             {BEND, 66, 10, 58, 8}, {BEND, 48, -2, 42, 4}, {BEND, 50, 18, 50, 20},
             {BEND, 96, 14, 84, 22}}},
        /* 0: a stroke that leads in */
        {2, {{DOWN, 2, 2, 10, -2}, {BEND, 44, 4, 40, 2}, {BEND, 12, 30, 16, 28},
             {BEND, 10, 78, 20, 80}, {BEND, 48, 99, 46, 99}, {BEND, 84, 72, 74, 74},
             {BEND, 78, 20, 70, 20}, {BEND, 46, 2, 44, 0}}},
        /* 0: a ring, a stroke that leads out at its top */
        {2, {{DOWN, 62, 4, 58, 2}, {BEND, 22, 10, 26, 12}, {BEND, 4, 56, 14, 54},
             {BEND, 34, 98, 36, 97}, {BEND, 82, 70, 74, 70}, {BEND, 76, 14, 68, 12},
             {BEND, 60, 4, 56, 2}, {BEND, 106, 0, 96, -6}}},
    },
    {
        /* 1: a hair that leads in, a stem that leads out */
        {3, {{DOWN, 4, 60, 20, 40}, {BEND, 30, 34, 36, 24}, {TURN, 54, 0, 54, 0},
             {BEND, 50, 50, 52, 50}, {BEND, 50, 88, 50, 92}, {BEND, 62, 100, 58, 100},
             {BEND, 84, 90, 70, 94}}},
        /* 1: a stem that leads out */
        {1, {{DOWN, 54, 0, 50, 0}, {BEND, 50, 50, 50, 50}, {BEND, 50, 90, 50, 94},
             {BEND, 60, 100, 56, 100}, {BEND, 76, 92, 66, 95}}},
    },
    {
        /* 2: a curl at the head, a loop at the foot, a tail that rises */
        {2, {{DOWN, 24, 30, 18, 24}, {BEND, 10, 18, 10, 16}, {BEND, 24, 2, 26, 2},
             {BEND, 60, 6, 60, 8}, {BEND, 66, 34, 62, 36}, {BEND, 34, 82, 34, 80},
             {BEND, 10, 98, 14, 96}, {BEND, 2, 84, 4, 82}, {BEND, 22, 74, 22, 76},
             {BEND, 56, 96, 56, 94}, {BEND, 96, 78, 92, 84}}},
        /* 2: a wide loop at the foot */
        {1, {{DOWN, 16, 24, 20, 14}, {BEND, 40, 0, 42, 0}, {BEND, 66, 18, 64, 20},
             {BEND, 44, 70, 44, 70}, {BEND, 12, 100, 16, 98}, {BEND, -6, 84, 0, 82},
             {BEND, 20, 66, 24, 70}, {BEND, 60, 88, 60, 86}, {BEND, 104, 94, 96, 98}}},
    },
    {
        /* 3: a loop between the bellies, a curl at the end */
        {2, {{DOWN, 10, 20, 14, 14}, {BEND, 30, 0, 32, 0}, {BEND, 66, 10, 64, 12},
             {BEND, 60, 38, 58, 38}, {BEND, 34, 50, 36, 48}, {BEND, 28, 42, 30, 42},
             {BEND, 40, 40, 42, 40}, {BEND, 74, 62, 70, 60}, {BEND, 66, 94, 62, 92},
             {BEND, 30, 102, 28, 100}, {BEND, 4, 86, 6, 86}, {BEND, 14, 76, 16, 78}}},
        /* 3: a curl at the head, a tail that leads out below */
        {1, {{DOWN, 26, 22, 20, 20}, {BEND, 12, 10, 12, 8}, {BEND, 44, 0, 44, 0},
             {BEND, 68, 20, 64, 20}, {BEND, 36, 46, 38, 44}, {BEND, 70, 62, 68, 60},
             {BEND, 52, 98, 52, 96}, {BEND, 10, 92, 12, 92}, {BEND, -8, 76, -2, 80}}},
    },
    {
        /* 4: a bowl, a loop, the stem through both */
        {3, {{DOWN, 14, 2, 18, 0}, {BEND, 4, 40, 8, 38}, {BEND, 20, 70, 20, 66},
             {BEND, 56, 74, 52, 68}, {BEND, 84, 48, 80, 44}, {BEND, 84, 18, 80, 18},
             {BEND, 64, 8, 62, 10}, {BEND, 44, 36, 44, 36}, {BEND, 40, 70, 42, 70},
             {BEND, 40, 102, 40, 102}}},
        /* 4: an open bowl, the stem goes on below it */
        {2, {{DOWN, 12, 4, 16, 2}, {BEND, 6, 40, 10, 38}, {BEND, 30, 56, 30, 56},
             {BEND, 66, 40, 64, 40}, {TURN, 76, 4, 72, 6}, {BEND, 70, 50, 68, 50},
             {BEND, 60, 84, 60, 90}, {BEND, 40, 102, 52, 102}}},
        /* 4: a loop where bar and stem meet */
        {1, {{DOWN, 30, 0, 26, 2}, {BEND, 6, 50, 6, 48}, {BEND, 18, 64, 20, 62},
             {BEND, 62, 58, 60, 56}, {BEND, 80, 40, 76, 40}, {BEND, 70, 28, 66, 30},
             {BEND, 56, 56, 54, 58}, {BEND, 48, 102, 50, 102}}},
    },
    {
        /* 5: rounded, the hat a wave */
        {2, {{DOWN, 92, 0, 84, 4}, {BEND, 62, 10, 58, 8}, {BEND, 34, 4, 32, 4},
             {BEND, 20, 40, 22, 38}, {BEND, 42, 42, 40, 42}, {BEND, 70, 62, 66, 60},
             {BEND, 56, 94, 54, 92}, {BEND, 22, 100, 22, 100}, {BEND, 0, 86, 4, 88}}},
        /* 5: a curl at the end */
        {1, {{DOWN, 84, 4, 78, 2}, {TURN, 30, 6, 28, 4}, {TURN, 20, 44, 20, 42},
             {BEND, 50, 38, 48, 38}, {BEND, 76, 64, 72, 62}, {BEND, 54, 98, 52, 96},
             {BEND, 14, 96, 16, 94}, {BEND, 8, 78, 12, 80}, {BEND, 24, 76, 26, 80}}},
    },
    {
        /* 6: the loop crosses the back and leads out at the left */
        {2, {{DOWN, 60, 0, 54, 2}, {BEND, 26, 26, 26, 26}, {BEND, 6, 66, 10, 64},
             {BEND, 24, 98, 26, 98}, {BEND, 58, 92, 56, 90}, {BEND, 64, 66, 60, 66},
             {BEND, 40, 58, 40, 60}, {BEND, 12, 72, 16, 70}, {BEND, -8, 86, 0, 80}}},
        /* 6: a hair that leads in to the top */
        {1, {{DOWN, 22, 26, 26, 20}, {BEND, 48, 4, 48, 4}, {BEND, 44, 0, 42, 0},
             {BEND, 18, 44, 20, 44}, {BEND, 12, 84, 16, 84}, {BEND, 40, 100, 42, 99},
             {BEND, 70, 80, 66, 78}, {BEND, 50, 60, 46, 60}, {BEND, 16, 76, 20, 74}}},
        /* 6: the loop leads out at the right */
        {2, {{DOWN, 58, 0, 50, 0}, {BEND, 20, 34, 20, 34}, {BEND, 8, 76, 12, 74},
             {BEND, 34, 100, 34, 99}, {BEND, 62, 84, 58, 82}, {BEND, 44, 62, 42, 62},
             {BEND, 28, 76, 30, 78}, {BEND, 50, 88, 52, 90}, {BEND, 92, 80, 86, 86}}},
    },
    {
        /* 7: a curl at the head, a bar that bends */
        {2, {{DOWN, 8, 18, 6, 12}, {BEND, 14, 2, 16, 4}, {BEND, 44, 8, 44, 10},
             {TURN, 80, 2, 78, 4}, {BEND, 56, 50, 52, 50}, {BEND, 38, 100, 36, 100},
             {DOWN, 24, 54, 28, 52}, {BEND, 50, 46, 50, 48}, {BEND, 78, 50, 78, 46}}},
        /* 7: the stem leads out */
        {1, {{DOWN, 4, 10, 6, 4}, {BEND, 40, 2, 40, 4}, {TURN, 76, 4, 74, 4},
             {BEND, 64, 40, 60, 40}, {BEND, 44, 86, 44, 88}, {BEND, 52, 100, 50, 100},
             {BEND, 70, 92, 66, 94}}},
    },
    {
        /* 8: begun at the left of the waist, led out at its right */
        {3, {{DOWN, 4, 48, 10, 46}, {BEND, 40, 44, 40, 42}, {BEND, 74, 18, 70, 16},
             {BEND, 58, 0, 54, 0}, {BEND, 34, 20, 34, 20}, {BEND, 46, 52, 46, 54},
             {BEND, 40, 92, 42, 90}, {BEND, 14, 100, 16, 99}, {BEND, 8, 86, 12, 86},
             {BEND, 44, 70, 46, 68}, {BEND, 92, 50, 86, 52}}},
        /* 8: the last stroke goes on beyond the top */
        {2, {{DOWN, 66, 16, 62, 14}, {BEND, 44, 2, 42, 2}, {BEND, 22, 20, 22, 20},
             {BEND, 42, 48, 40, 46}, {BEND, 66, 74, 62, 74}, {BEND, 42, 100, 40, 99},
             {BEND, 14, 82, 16, 80}, {BEND, 40, 50, 42, 48}, {BEND, 100, -6, 88, 0}}},
        /* 8: narrow, both ends long */
        {1, {{DOWN, 90, 12, 82, 8}, {BEND, 50, 2, 48, 0}, {BEND, 24, 18, 26, 18},
             {BEND, 44, 46, 44, 46}, {BEND, 58, 76, 56, 76}, {BEND, 34, 100, 36, 99},
             {BEND, 16, 82, 20, 82}, {BEND, 48, 50, 46, 52}, {BEND, 84, 36, 74, 40}}},
    },
    {
        /* 9: begun at the left, the loop crosses the stem */
        {4, {{DOWN, 4, 42, 10, 38}, {BEND, 40, 46, 40, 42}, {BEND, 74, 34, 72, 30},
             {BEND, 82, 12, 78, 10}, {BEND, 62, 0, 58, 0}, {BEND, 44, 18, 44, 18},
             {BEND, 46, 56, 46, 54}, {BEND, 46, 102, 44, 102}}},
        /* 9: the same, the tail bends to the left */
        {3, {{DOWN, 14, 40, 18, 38}, {BEND, 46, 42, 46, 40}, {BEND, 76, 22, 72, 22},
             {BEND, 66, 0, 62, 0}, {BEND, 42, 14, 42, 14}, {BEND, 48, 50, 46, 48},
             {BEND, 56, 80, 54, 80}, {BEND, 40, 99, 40, 98}, {BEND, 8, 92, 12, 92}}},
        /* 9: the tail loops and leads out, as that of a g */
        {2, {{DOWN, 68, 12, 66, 14}, {BEND, 42, 0, 40, 0}, {BEND, 14, 22, 16, 22},
             {BEND, 36, 46, 36, 44}, {BEND, 66, 22, 64, 22}, {TURN, 70, 8, 68, 8},
             {BEND, 68, 60, 66, 60}, {BEND, 50, 98, 48, 96}, {BEND, 20, 100, 24, 98},
             {BEND, 12, 86, 16, 86}, {BEND, 50, 70, 52, 70}, {BEND, 92, 56, 86, 60}}},
        /* 9: led in from the top at the right */
        {1, {{DOWN, 92, 0, 86, 2}, {BEND, 50, 8, 46, 4}, {BEND, 12, 26, 14, 24},
             {BEND, 36, 50, 34, 48}, {BEND, 68, 26, 66, 24}, {BEND, 68, 60, 66, 60},
             {BEND, 56, 102, 54, 102}}},
    },
};
/* clang-format on */

#endif
