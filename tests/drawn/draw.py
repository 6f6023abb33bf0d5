#!/usr/bin/python3
"""draw.py - draws the test set beside it: tests/drawn/<label>/<number>-<what>.png

    python3 tests/drawn/draw.py            # writes the 174 files anew
    python3 tests/drawn/draw.py sheet.png  # … and a contact sheet to look at

A development tool: the tests read the files, which are part of the repository. It needs
numpy and Pillow; the PNG files it writes by itself (png.py), as Pillow knows few of the
kinds there are.

    skeleton ─► curve ─► mask ─► scene ─► file kind

  skeleton  one of several ways to write the digit (FORMS), jittered, slanted, turned
  mask      where ink lies, 0..1, drawn by one of the PENS
  scene     paper, ink, light, lines, dirt: what a scanner, a camera or an editor gives
  kind      colour type, depth, interlacing, transparency

RECIPES lists what is combined. Each recipe is drawn twice, once with an odd number and
once with an even one, with different digits: the odd half is there to be looked at while
digit.c is worked on, the even half to measure with. Nothing was chosen by how well it is
read: what is in the set is what a person can read. """
import io
import os
import sys
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import png

# --- skeletons ----------------------------------------------------------------------
# Strokes "x,y x,y …" in about 0..65 by 0..100, y downwards, smooth but where a point ends
# in c, a corner. Strokes are parted by a bar.

FORMS = [
    ["40,2 18,10 4,35 3,65 16,92 38,99 60,90 70,62 68,32 56,8 38,1",
     "30,0 14,14 8,45 12,82 30,100 46,84 52,48 46,14 28,0",
     "52,8 30,2 8,22 2,58 14,92 40,98 62,74 66,36 52,10 34,12",
     "34,0 10,20 4,50 10,80 34,98 58,80 64,48 56,18 30,3"],
    ["30,0 31,50 30,100",
     "12,22 32,0c 32,100",
     "12,22 34,0c 34,98 | 8,98 60,98",
     "44,0 34,50 22,100"],
    ["6,22 22,3 48,3 60,22 50,46 24,76 2,98c 66,98",
     "8,20 26,2 52,6 58,28 42,58 18,88 6,92 4,80 18,74 40,88 68,94",
     "4,26 14,6 40,0 60,14 58,36 36,66 4,96c 30,92 64,100"],
    ["6,10 30,0 54,10 54,32 28,46c 58,58 62,82 36,100 4,90",
     "6,3 58,3c 28,40c 56,50 62,78 38,99 4,92",
     "8,12 34,0 56,16 48,38 26,46c 52,54 62,74 48,96 20,100 2,88"],
    ["16,2 8,54c 66,52 | 50,24 48,100",
     "68,66 2,66c 46,0c 46,100",
     "8,4 8,36 22,56 52,50 | 58,2 54,60 50,100",
     "40,0 4,58c 66,60 | 44,34 42,100"],
    ["58,2 14,2c 10,44c 36,36 60,56 56,86 28,100 2,88",
     "16,6 12,44c 38,38 60,60 52,90 24,100 0,88 | 30,0 70,-3",
     "62,3 18,4c 14,42c 46,44 60,66 48,94 22,100 4,90"],
    ["50,2 24,24 6,60 10,90 34,100 56,84 54,62 32,54 10,70",
     "58,8 44,0 20,20 4,58 8,90 30,100 52,90 54,68 36,58 16,68 8,80",
     "40,0 12,50 4,80 24,100 48,90 48,68 28,60 8,74"],
    ["2,4 60,4c 24,100",
     "2,4 60,4c 26,100 | 16,50 56,47",
     "4,18 4,3c 62,3c 40,46 30,100",
     "4,8 30,2 60,4c 38,44 28,100"],
    ["54,12 30,0 8,16 20,40 50,58 58,82 32,100 6,84 14,60 44,40 56,20 52,8",
     "32,0 12,10 13,36 32,46 51,36 52,10 32,0 | 32,46 8,60 6,86 32,100 58,86 56,60 32,46",
     "60,8 36,0 14,14 24,40 52,62 50,88 26,100 4,84 16,58 46,38 62,10"],
    ["54,14 32,0 8,16 8,40 30,50 52,34 56,8c 54,100",
     "54,24 36,0 10,10 4,36 26,50 48,38 55,14c 57,50 46,86 20,100 4,90",
     "52,12 28,0 4,22 14,48 40,46 55,12c 42,100"],
]

# 5×7 bitmaps, for pictures of a dozen pixels.
TINY = """
01110 00100 01110 11110 00010 11111 00110 11111 01110 01110
10001 01100 10001 00001 00110 10000 01000 00001 10001 10001
10001 00100 00001 00001 01010 11110 10000 00010 10001 10001
10001 00100 00010 01110 10010 00001 11110 00100 01110 01111
10001 00100 00100 00001 11111 00001 10001 01000 10001 00001
10001 00100 01000 00001 00010 10001 10001 01000 10001 00010
01110 01110 11111 11110 00010 01110 01110 01000 01110 01100
"""

# --- pens ---------------------------------------------------------------------------
# radius (of the digit's height), how much it varies, flatness of the nib, grain

PENS = {
    "hair":   (.007, .10, 1.0, 0),
    "ball":   (.018, .15, 1.0, 0),
    "pencil": (.022, .20, 1.0, .45),
    "felt":   (.045, .08, 1.0, 0),
    "marker": (.065, .05, 1.0, 0),
    "fat":    (.085, .06, 1.0, 0),
    "brush":  (.055, .55, 1.0, .10),
    "nib":    (.060, .05, .30, 0),
    "chalk":  (.045, .15, 1.0, .80),
    "crayon": (.055, .15, 1.0, .60),
}

# --- scenes -------------------------------------------------------------------------
# paper, ink, and what happens to them; alpha: the paper is transparent

WHITE, BLACK, CREAM = (255, 255, 255), (0, 0, 0), (250, 240, 215)
SCENES = {
    "white":      (WHITE, (10, 10, 12), ""),
    "black":      (BLACK, WHITE, ""),
    "cream":      (CREAM, (30, 48, 140), ""),
    "kraft":      ((196, 160, 116), (36, 28, 30), "texture"),
    "grey":       ((150, 150, 150), (24, 24, 24), ""),
    "green":      ((38, 84, 62), (232, 236, 224), "smear"),
    "blueprint":  ((24, 62, 140), (228, 238, 255), ""),
    "faint":      ((226, 226, 224), (160, 160, 162), "texture"),
    "photo":      ((228, 218, 202), (168, 30, 40), "texture light blur noise"),
    "shadow":     ((230, 228, 222), (28, 30, 60), "shadow light noise"),
    "night":      ((44, 44, 52), (226, 206, 130), "light noise"),
    "ruled":      (WHITE, (24, 40, 120), "ruled"),
    "squared":    (WHITE, (40, 40, 44), "squared"),
    "ruledphoto": ((236, 232, 222), (26, 36, 96), "ruled light blur noise"),
    "scan":       ((238, 228, 200), (50, 44, 48), "texture dirt noise"),
    "specks":     (WHITE, (10, 10, 12), "dirt"),
    "jpeg":       (WHITE, (16, 16, 20), "jpeg"),
    "clear":      (WHITE, (20, 18, 24), "alpha"),
    "clearwhite": (WHITE, (255, 255, 255), "alpha"),
    "clearblue":  (WHITE, (40, 80, 200), "alpha"),
    "yellow":     (WHITE, (255, 255, 0), ""),
    "redgreen":   ((220, 40, 40), (20, 95, 20), ""),
    "lens":       ((150, 150, 152), (58, 56, 60), "lens noise"),
    "form":       ((236, 234, 228), (30, 34, 80), "light blur noise"),
}

# pen, scene, width x height, kind; 'tiny' takes the bitmaps
RECIPES = """
felt white 256x256 grey8        |hair white 200x200 grey1         |marker black 64x64 grey8
ball cream 320x240 rgb8         |chalk green 180x200 rgb8         |felt photo 150x150 rgb8
ball photo 220x180 grey8        |pencil white 150x150 grey4       |brush white 400x500 pal2
fat white 100x100 grey2         |felt clear 120x160 rgba8         |marker clearwhite 128x128 rgba8
ball ruled 240x240 pal8         |felt squared 200x200 pal4        |tiny white 8x8 grey1
tiny black 8x8 pal1             |felt white 12x12 grey8           |felt black 16x20 grey4
marker white 1500x1500 grey1    |brush cream 1200x900 pal4        |hair black 1000x1000 pal1i
nib kraft 140x140 rgb8          |crayon cream 200x200 pal8        |felt shadow 180x180 grey8
marker shadow 120x160 rgb8      |chalk green 128x128 pal8i        |pencil faint 160x160 grey8
ball scan 200x200 grey8         |felt jpeg 150x150 rgb8           |brush night 160x120 rgb8
felt blueprint 120x120 rgb16    |marker white 90x120 grey16       |ball white 200x150 grey16i
felt clear 100x100 greya8       |brush clearwhite 90x90 greya16   |fat clearblue 140x140 rgba16i
marker clearwhite 110x110 pal8t |felt clear 96x96 pal4t           |nib clear 80x80 pal1t
felt clear 70x70 grey8t         |brush clear 84x84 rgb8t          |ball ruledphoto 220x180 grey8
pencil squared 200x200 grey8    |hair photo 160x160 grey8         |fat black 50x50 pal2
felt white 32x32 rgb8           |marker white 24x24 grey8i        |ball black 48x64 grey8
brush grey 300x100 rgb8i        |felt white 80x300 grey8          |crayon white 140x140 grey8i
hair cream 600x400 pal4         |fat kraft 120x120 pal8           |felt specks 160x160 grey8
marker jpeg 100x130 grey8       |chalk night 150x150 grey8        |nib white 800x600 grey2i
tiny cream 8x10 pal4            |tiny black 10x10 rgba8           |tiny clear 9x12 rgba8
tiny white 16x16 pal2           |felt white 14x14 rgb8            |marker cream 20x28 rgba8
felt green 28x28 rgb8           |ball white 28x28 grey8           |brush photo 120x160 rgb8i
pencil scan 160x160 grey4       |felt night 180x180 pal8          |ball squared 300x300 rgb8
hair ruled 260x260 rgb8         |marker faint 140x140 greya8      |fat photo 150x150 grey8
brush blueprint 256x192 rgb8    |felt cream 500x500 pal8i         |crayon green 110x110 rgb16i
"""

# the same, and what is drawn around the digit or done to its ink
KINDS = """
marker white 150x150 grey8 box2     |felt white 160x140 grey8 box6       |ball cream 200x200 rgb8 box3
felt form 170x170 rgb8 box3         |felt black 140x140 grey8 box4       |marker white 100x100 pal2 cutbox3
felt white 200x200 grey8 circle4    |ball form 180x180 rgb8 circle3      |felt white 150x160 grey8 comb2
marker form 150x160 rgb8 comb3      |ball white 200x180 grey8 line2      |felt cream 150x170 rgb8 line5
fat white 120x120 grey8 cut0        |felt black 100x140 grey8 cut0       |fat grey 90x120 grey8 cut2
marker white 160x160 grey8 title18  |felt white 180x180 grey8 title6     |felt white 160x160 grey8 fade0
brush white 140x140 grey8 fade0     |fat lens 120x150 grey8 cut6         |marker lens 140x140 rgb8 cut9
marker yellow 120x120 rgb8 none0    |felt redgreen 150x150 rgb8 none0    |marker redgreen 130x130 pal8 box3
"""

# --- from skeleton to mask ----------------------------------------------------------


def spline(points, corners, steps=40):
    """Centripetal Catmull-Rom through the points: it makes no loops of its own."""
    out = []
    start = 0
    ends = [i for i in range(1, len(points)) if corners[i] or i == len(points) - 1]
    for end in ends:
        p = points[start:end + 1]
        p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        for i in range(1, len(p) - 2):
            a, b, c, d = p[i - 1:i + 3]
            t = np.cumsum([0] + [max(np.hypot(*v), 1e-6) ** .5 for v in (b - a, c - b, d - c)])
            u = np.linspace(t[1], t[2], steps)[:, None]
            ab = (a * (t[1] - u) + b * (u - t[0])) / (t[1] - t[0])
            bc = (b * (t[2] - u) + c * (u - t[1])) / (t[2] - t[1])
            cd = (c * (t[3] - u) + d * (u - t[2])) / (t[3] - t[2])
            abc = (ab * (t[2] - u) + bc * (u - t[0])) / (t[2] - t[0])
            bcd = (bc * (t[3] - u) + cd * (u - t[1])) / (t[3] - t[1])
            out.append((abc * (t[2] - u) + bcd * (u - t[1])) / (t[2] - t[1]))
        start = end
    return np.vstack(out)


def skeleton(rng, text):
    """Strokes as arrays of points in pixels of a digit 1 high, its middle at 0, 0."""
    slant, narrow = rng.uniform(-.08, .28), rng.uniform(.85, 1.15)
    turn = np.radians(np.clip(rng.normal(0, 5), -14, 14))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    strokes = []
    for part in text.split("|"):
        words = part.split()
        corners = [w.endswith("c") for w in words]
        points = np.array([[float(v) for v in w.rstrip("c").split(",")] for w in words])
        points = (points + rng.normal(0, 1.6, points.shape) - (33, 50)) / 100
        points = np.stack([narrow * points[:, 0] - slant * points[:, 1], points[:, 1]], 1)
        strokes.append(spline(points @ matrix.T, corners))
    everything = np.vstack(strokes)
    low, high = everything.min(0), everything.max(0)
    return [(s - (low + high) / 2) / (high - low).max() for s in strokes], \
        (high - low) / (high - low).max()


def smooth_noise(rng, h, w, cell):
    """Noise with blobs of about cell pixels, mean 0, deviation 1."""
    small = rng.normal(size=(int(h / cell) + 2, int(w / cell) + 2)).astype(np.float32)
    noise = np.asarray(Image.fromarray(small).resize((w, h), Image.BICUBIC))
    return (noise - noise.mean()) / (noise.std() + 1e-6)


def draw_mask(rng, w, h, pen, text):
    radius, vary, flat, grain = PENS[pen]
    strokes, box = skeleton(rng, text)
    size = rng.uniform(.55, .82) * min(w, h)
    if w > 2 * h or h > 2 * w:
        size = rng.uniform(.75, .9) * min(w, h)
    if min(w, h) < 40:
        size = .78 * min(w, h)
    r = max(radius * size, .5)
    room = np.maximum((np.array([w, h]) - box * size) / 2 - r - 1, 0)
    middle = np.array([w, h]) / 2 + rng.uniform(-1, 1, 2) * room * .9
    over = 8 if max(w, h) < 120 else 4 if max(w, h) < 500 else 2
    image = Image.new("L", (w * over, h * over))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        phase, swell = rng.uniform(0, 6.28), vary * rng.uniform(.6, 1)
        path = stroke * size + middle
        for i, (x, y) in enumerate(path):
            k = r * over * (1 + swell * np.sin(phase + 5 * i / len(path)))
            nx, ny = path[min(i + 1, len(path) - 1)]
            for t in np.linspace(0, 1, int(np.hypot(nx - x, ny - y) * over / max(k / 4, 1)) + 1):
                cx, cy = (x + t * (nx - x)) * over, (y + t * (ny - y)) * over
                if flat < 1:
                    s, c = .64 * k, .77 * k  # a broad nib held at 40 degrees
                    draw.polygon([(cx - c - 1, cy + s), (cx - c + 1, cy + s + 1),
                                  (cx + c + 1, cy - s), (cx + c - 1, cy - s - 1)], fill=255)
                    k2 = k * flat
                    draw.ellipse((cx - k2, cy - k2, cx + k2, cy + k2), fill=255)
                else:
                    draw.ellipse((cx - k, cy - k, cx + k, cy + k), fill=255)
    mask = np.asarray(image.resize((w, h), Image.BOX), np.float32) / 255
    if grain:
        noise = smooth_noise(rng, h, w, max(1, min(w, h) / 110))
        mask = mask * np.clip(1 + grain * (noise * .6 - .35), 0, 1)
    return mask


def tiny_mask(rng, w, h, digit):
    rows = [line.split()[digit] for line in TINY.split("\n") if line]
    bits = np.array([[float(b) for b in row] for row in rows], np.float32)
    times = max(1, min(w // 6, h // 8))
    bits = np.kron(bits, np.ones((times, times), np.float32))
    mask = np.zeros((h, w), np.float32)
    y, x = rng.integers(0, h - bits.shape[0] + 1), rng.integers(0, w - bits.shape[1] + 1)
    mask[y:y + bits.shape[0], x:x + bits.shape[1]] = bits
    return mask


def put_bar(mask, x0, y0, x1, y1):
    mask[max(y0, 0):max(y1, 0), max(x0, 0):max(x1, 0)] = 1


def add_kind(rng, mask, what):
    """The mask with what is drawn around the digit: a word and how many pixels wide."""
    what, t = what.rstrip("0123456789"), int(what.lstrip("abcdefghijklmnopqrstuvwxyz"))
    ys, xs = np.where(mask > .3)
    x0, y0, x1, y1 = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    room = 16 + 2 * t
    if "cut" in what:
        mask = np.pad(mask, 30)[y0 + 30 - t:y1 + 30 + t, x0 + 30 - t:x1 + 30 + t]
        return np.pad(mask, 9) if what == "cut" and t > 4 else mask
    mask = np.pad(mask[y0:y1, x0:x1], room)
    h, w = mask.shape
    if what == "box":
        left, top, right, low = rng.integers(2, 10, 4)
        put_bar(mask, left, top, w - right, top + t)
        put_bar(mask, left, h - low - t, w - right, h - low)
        put_bar(mask, left, top, left + t, h - low)
        put_bar(mask, w - right - t, top, w - right, h - low)
    if what == "circle":
        side = int(np.hypot(h, w)) + 8
        mask = np.pad(mask, (((side - h) // 2,) * 2, ((side - w) // 2,) * 2))
        y, x = np.mgrid[0:mask.shape[0], 0:mask.shape[1]]
        away = np.hypot(y + .5 - mask.shape[0] / 2, x + .5 - mask.shape[1] / 2)
        mask = np.maximum(mask, np.clip(t / 2 + .5 - abs(away - side / 2 + 4 + room / 2), 0, 1))
    if what in ("comb", "line"):
        put_bar(mask, 3, h - room + 4, w - 3, h - room + 4 + t)
    if what == "comb":
        put_bar(mask, 3, h - room - h // 4, 3 + t, h - room + 4)
        put_bar(mask, w - 3 - t, h - room - h // 4, w - 3, h - room + 4)
    if what == "title":
        mask = np.pad(mask, ((t, 0), (0, 0)))
        put_bar(mask, 0, 0, w, t)
    if what == "fade":
        mask = mask * np.linspace(1, .2, mask.shape[1])
    return mask


# --- from mask to picture -----------------------------------------------------------


def paper_of(rng, w, h, paper, effects):
    """Paper before light falls on it: float [h][w][3]."""
    sheet = np.ones((h, w, 3), np.float32) * np.array(paper, np.float32)
    y, x = np.mgrid[0:h, 0:w]
    if "ruled" in effects or "squared" in effects:
        step = max(6, h // (5 if "ruled" in effects else 9))
        at, thick = rng.integers(0, step), max(1, h // 200)
        lines = (y + at) % step < thick
        if "squared" in effects:
            lines |= (x + rng.integers(0, step)) % step < thick
        sheet[lines] = sheet[lines] * (.74, .83, .93)
    if "texture" in effects:
        sheet *= 1 + .018 * smooth_noise(rng, h, w, 2)[..., None]
    if "smear" in effects:
        sheet += (9 * smooth_noise(rng, h, w, h / 6) + 3 * smooth_noise(rng, h, w, 3))[..., None]
    if "dirt" in effects:
        for _ in range(14):
            cy, cx, r = rng.uniform(0, h), rng.uniform(0, w), rng.uniform(.4, 1.0)
            sheet[(y - cy) ** 2 + (x - cx) ** 2 < r * r] *= rng.uniform(.2, .7)
    return sheet


def light_of(rng, w, h, effects):
    y, x = np.mgrid[0:h, 0:w]
    y, x = y / h - .5, x / w - .5
    light = np.ones((h, w), np.float32)
    turn = rng.uniform(0, 6.28)
    if "light" in effects:
        light *= .76 + rng.uniform(.3, .48) * (x * np.cos(turn) + y * np.sin(turn))
        light *= 1 - .4 * (x * x + y * y)
    if "lens" in effects:
        light *= 1 - .8 * (x * x + y * y)
    if "shadow" in effects:
        side = x * np.sin(turn) + y * np.cos(turn) - rng.uniform(-.2, .2)
        light *= 1 - .42 / (1 + np.exp(-side / .012))
    return light


def draw_picture(rng, mask, scene):
    """The picture, float 0..255 [h][w][3], and its alpha or None."""
    paper, ink, effects = SCENES[scene]
    h, w = mask.shape
    effects = effects.split()
    sheet = paper_of(rng, w, h, paper, effects)
    if "alpha" in effects:
        colour = np.where(mask[..., None] > 0, np.array(ink, np.float32),
                          rng.integers(0, 256, 3).astype(np.float32))
        return colour, mask
    out = sheet * (1 - mask[..., None]) + np.array(ink, np.float32) * mask[..., None]
    out *= light_of(rng, w, h, effects)[..., None]
    if "blur" in effects:
        image = Image.fromarray(np.clip(out, 0, 255).astype(np.uint8))
        out = np.asarray(image.filter(ImageFilter.GaussianBlur(.7)), np.float32)
    if "noise" in effects:
        out = out + rng.normal(0, 3.5, (h, w, 1)) + rng.normal(0, .8, (h, w, 3))
    if "jpeg" in effects:
        data = io.BytesIO()
        Image.fromarray(np.clip(out, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=18)
        out = np.asarray(Image.open(data), np.float32)
    return np.clip(out, 0, 255), None


def draw_kind(number):
    kinds = [k.split() for line in KINDS.split("\n") for k in line.split("|") if k]
    pen, scene, size, kind, what = kinds[number - 151]
    digit = (number * 7) % 10
    w, h = map(int, size.split("x"))
    rng = np.random.default_rng(1000 + number)
    mask = draw_mask(rng, w, h, pen, FORMS[digit][number % len(FORMS[digit])])
    mask = add_kind(rng, mask, what.replace("cutbox", "box"))
    if what.startswith("cutbox"):  # a box that is cut out along its own lines
        ys, xs = np.where(mask > .5)
        mask = mask[ys.min():ys.max() + 1, xs.min():xs.max() + 1]
    picture, alpha = draw_picture(rng, mask, scene)
    name = f"{number:03d}-{pen}-{scene}-{what.rstrip('0123456789')}-{kind}.png"
    return digit, name, png.encode(picture, alpha, kind)


def draw(number):
    if number > 150:
        return draw_kind(number)
    recipes = [r.split() for line in RECIPES.split("\n") for r in line.split("|") if r]
    digit = (number - 1) // 15
    pen, scene, size, kind = recipes[(number - 1) * 37 % len(recipes)]
    w, h = map(int, size.split("x"))
    rng = np.random.default_rng(1000 + number)
    if pen == "tiny":
        mask = tiny_mask(rng, w, h, digit)
    else:
        mask = draw_mask(rng, w, h, pen, FORMS[digit][number % len(FORMS[digit])])
    picture, alpha = draw_picture(rng, mask, scene)
    return digit, f"{number:03d}-{pen}-{scene}-{kind}.png", png.encode(picture, alpha, kind)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    sheet = Image.new("RGB", (15 * 100, 12 * 100), (255, 0, 255))
    for number in range(1, 175):
        digit, name, data = draw(number)
        os.makedirs(f"{here}/{digit}", exist_ok=True)
        with open(f"{here}/{digit}/{name}", "wb") as f:
            f.write(data)
        if len(sys.argv) > 1:
            image = Image.open(io.BytesIO(data))
            if image.mode.startswith("I"):  # 16 bits, which Pillow does not bring down
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            image = image.convert("RGBA")
            under = (140, 150, 160) if "clear" in name else (255, 255, 255)
            image = Image.alpha_composite(Image.new("RGBA", image.size, under), image)
            fit = 94 / max(image.size)
            image = image.resize([max(1, round(v * fit)) for v in image.size], Image.LANCZOS)
            sheet.paste(image, ((number - 1) % 15 * 100 + 3, (number - 1) // 15 * 100 + 3))
    if len(sys.argv) > 1:
        sheet.save(sys.argv[1])


if __name__ == "__main__":
    main()
