#!/usr/bin/python3
"""draw_numbers.py - draws the numbers beside it: <nr>-<style>-<number>.png

    python3 tests/numbers/draw_numbers.py             # writes the files anew
    python3 tests/numbers/draw_numbers.py sheet.png   # … and a contact sheet to look at

In a file's name "_" stands for a space and "+" for a new line. A development tool, as
tests/drawn/draw.py is, whose forms and spline it uses: the tests read the files.

    digits ─► strokes, side by side ─► mask ─► picture

Each style of STYLES is drawn several times with other numbers and other hands. What is in
the set is what a person can read. The reader was mended by looking at this set, and two
styles whose digits overlapped were drawn wider: it shows progress and is no blind measure. """
import io
import os
import sys
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../drawn"))
import draw
import png

EACH = 5
# style: radius of the pen (of the digits' height), gap (of the height), what else
STYLES = {
    "plain": (.045, .22, ""),
    "wide": (.045, .45, ""),
    "tight": (.045, .13, ""),
    "touching": (.05, .08, ""),
    "hair": (.02, .2, ""),
    "marker": (.075, .2, ""),
    "italic": (.045, .2, "lean"),
    "rising": (.045, .2, "turn"),
    "underlined": (.045, .2, "under"),
    "boxed": (.045, .2, "box"),
    "cells": (.045, .5, "cells"),
    "comb": (.045, .5, "comb"),
    "twolines": (.045, .22, "lines"),
    "threelines": (.05, .25, "lines lines turn"),
    "spaces": (.045, .12, "spaces"),
    "points": (.045, .22, "points"),
    "dash": (.045, .22, "points dash"),
    "ruled": (.045, .22, "ruled"),
    "board": (.05, .22, "black"),
    "photo": (.05, .22, "photo"),
    "faint": (.04, .22, "faint"),
    "dirty": (.045, .22, "dirty"),
    "clear": (.05, .22, "alpha"),
    "segments": (.05, .28, "segments"),
    "bitmap": (.05, .25, "bitmap"),
}
SEGMENTS = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abfgcd"]
PLACES = {"a": (0, 0, .5, 0), "b": (.5, 0, .5, .5), "c": (.5, .5, .5, 1), "d": (0, 1, .5, 1),
          "e": (0, .5, 0, 1), "f": (0, 0, 0, .5), "g": (0, .5, .5, .5)}


def digit_strokes(rng, hand, digit, style):
    """Strokes of a digit 1 high, from x = 0 and y = 0 on, and its width."""
    if style == "segments":
        strokes = []
        for name in SEGMENTS[digit]:
            x0, y0, x1, y1 = PLACES[name]
            cut = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0) * .085
            strokes.append(np.array([(x0, y0) + cut, (x1, y1) - cut]))
        return strokes, .5
    text = draw.FORMS[digit][hand[digit]]
    strokes, _ = draw.skeleton(rng, text)
    lean = .35 if "lean" in STYLES[style][2] else 0
    strokes = [np.stack([s[:, 0] - lean * s[:, 1], s[:, 1]], 1) for s in strokes]
    low, high = np.vstack(strokes).min(0), np.vstack(strokes).max(0)
    size = high[1] - low[1]
    return [(s - low) / size for s in strokes], (high[0] - low[0]) / size


def compose(rng, words, style):
    """Strokes in units of a digit's height, and decoration: lines, dots (x, y, x, y)."""
    radius, gap, what = STYLES[style]
    hand = [int(rng.integers(len(f))) for f in draw.FORMS]
    strokes, lines, y = [], [], 0.0
    for word in words:
        x, cell = 0.0, 1.1
        for at, sign in enumerate(word):
            if sign == " ":
                x += 1.0
            elif sign in ".,":
                strokes.append(np.array([(x, y + .97), (x - (sign == ",") * .06,
                                                        y + .97 + (sign == ",") * .14)]))
                x += gap * .9
            elif sign == "-":
                strokes.append(np.array([(x, y + .55), (x + .4, y + .53)]))
                x += .4 + gap
            else:
                found, wide = digit_strokes(rng, hand, int(sign), style)
                size = rng.uniform(.9, 1.08) if style != "segments" else 1
                dx = (cell - wide * size) / 2 if "cells" in what or "comb" in what else 0
                strokes += [s * size + (x + dx, y + (1 - size) * rng.uniform(0, 1)) for s in found]
                x += cell if dx or "cells" in what or "comb" in what else \
                    wide * size + gap * rng.uniform(.7, 1.3)
        n = len(word)
        if "cells" in what:
            lines += [(k * cell, y - .3, k * cell, y + 1.3) for k in range(n + 1)]
            lines += [(0, y + e, n * cell, y + e) for e in (-.3, 1.3)]
        if "comb" in what:
            lines += [(k * cell, y + .6, k * cell, y + 1.3) for k in range(n + 1)]
            lines += [(0, y + 1.3, n * cell, y + 1.3)]
        if "box" in what:
            lines += [(-.4, y + e, x + .2, y + e) for e in (-.35, 1.35)]
            lines += [(e, y - .35, e, y + 1.35) for e in (-.4, x + .2)]
        if "under" in what:
            lines += [(-.2, y + 1.12, x, y + 1.12 - rng.uniform(0, .04))]
        y += 1.6
    return strokes, lines


def mask_of(rng, strokes, lines, high, style):
    """Ink 0..1, digits high pixels high: of what was written, and of what was printed."""
    radius, _, what = STYLES[style]
    points = np.vstack(strokes + [np.array(l, float).reshape(2, 2) for l in lines])
    angle = np.radians(rng.uniform(3, 7) * rng.choice([-1, 1])) if "turn" in what else 0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = points @ turn.T
    margin = radius + rng.uniform(.25, .7)
    low = points.min(0) - margin
    w, h = (np.ceil((points.max(0) + margin - low) * high)).astype(int)
    masks = []
    for kind in (0, 1):
        image = Image.new("L", (w * 4, h * 4))
        pen = ImageDraw.Draw(image)
        r = radius * high * 4 if kind == 0 else max(2.2, .012 * high * 4)
        for s in strokes if kind == 0 else [np.array(l, float).reshape(2, 2) for l in lines]:
            path = (s @ turn.T - low) * high * 4
            for (x0, y0), (x1, y1) in zip(path[:-1], path[1:]):
                n = int(np.hypot(x1 - x0, y1 - y0) / max(r / 3, 1)) + 1
                for t in np.linspace(0, 1, n):
                    x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
                    pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        masks.append(np.asarray(image.resize((w, h), Image.BOX), np.float32) / 255)
    return masks


def bitmap_mask(rng, word, times):
    rows = [line.split() for line in draw.TINY.split("\n") if line]
    digits = [np.array([[float(b) for b in row[int(d)]] for row in rows]) for d in word]
    cells = [np.pad(d, ((2, 2), (1, 1))) for d in digits]
    mask = np.kron(np.pad(np.hstack(cells), ((0, 0), (2, 2))), np.ones((times, times)))
    return [mask.astype(np.float32), np.zeros(mask.shape, np.float32)]


def picture_of(rng, masks, style):
    """Grey 0..255 [h][w], and alpha or None."""
    what = STYLES[style][2]
    written, printed = masks
    h, w = written.shape
    y, x = np.mgrid[0:h, 0:w]
    paper, ink = rng.uniform(225, 255), rng.uniform(10, 70)
    if "faint" in what:
        ink = paper - rng.uniform(45, 70)
    sheet = np.full((h, w), paper, np.float32)
    if "ruled" in what:
        sheet[(y + int(rng.integers(9))) % max(9, h // 5) == 0] -= 40
    if "dirty" in what:
        for _ in range(12):
            cy, cx, r = rng.uniform(0, h), rng.uniform(0, w), rng.uniform(.5, 1.2)
            sheet[(y - cy) ** 2 + (x - cx) ** 2 < r * r] -= rng.uniform(80, 160)
    sheet = sheet * (1 - printed) + (ink + 25) * printed
    out = sheet * (1 - written) + ink * written
    if "black" in what:
        out = 255 - out
    if "photo" in what:
        turn = rng.uniform(0, 6.28)
        out *= .8 + .35 * ((x / w - .5) * np.cos(turn) + (y / h - .5) * np.sin(turn))
        image = Image.fromarray(np.clip(out, 0, 255).astype(np.uint8))
        out = np.asarray(image.filter(ImageFilter.GaussianBlur(.7)), np.float32)
        out = out + rng.normal(0, 3, (h, w))
    if "alpha" in what:
        return np.full((h, w), ink, np.float32), written
    return np.clip(out, 0, 255), None


def number_of(rng, what):
    digits = "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(3, 7))))
    if "spaces" in what:
        digits = digits[:2] + " " + digits[2:] + " " + str(rng.integers(100, 1000))
    if "points" in what:
        digits = digits[:-2] + rng.choice([".", ","]) + digits[-2:]
    return digits + (",-" if "dash" in what else "")


def draw_number(nr):
    style = list(STYLES)[nr // EACH]
    rng = np.random.default_rng(5000 + nr)
    what = STYLES[style][2]
    words = [number_of(rng, what) for _ in range(1 + what.split().count("lines"))]
    high = int(rng.choice([28, 36, 48]))
    masks = bitmap_mask(rng, words[0], int(rng.integers(3, 6))) if style == "bitmap" else \
        mask_of(rng, *compose(rng, words, style), high, style)
    grey, alpha = picture_of(rng, masks, style)
    kind = "greya8" if alpha is not None else "grey8" if "photo" in what else "grey4"
    truth = "+".join(words).replace(" ", "_")
    for sign in ".,-":
        truth = truth.replace(sign, "")
    picture = np.repeat(grey[..., None], 3, axis=2)
    return f"{nr + 1:03d}-{style}-{truth}.png", png.encode(picture, alpha, kind)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    sheet = Image.new("RGB", (EACH * 270, len(STYLES) * 80), (255, 0, 255))
    for nr in range(EACH * len(STYLES)):
        name, data = draw_number(nr)
        with open(f"{here}/{name}", "wb") as f:
            f.write(data)
        image = Image.open(io.BytesIO(data)).convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255)), image)
        image.thumbnail((260, 74))
        sheet.paste(image, (nr % EACH * 270 + 3, nr // EACH * 80 + 3))
    if len(sys.argv) > 1:
        sheet.save(sys.argv[1])


if __name__ == "__main__":
    main()
