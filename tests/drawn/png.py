"""png.py - writes PNG files of every kind: used by draw.py.

    data = png.encode(picture, alpha, "rgb16i")

  picture  float 0..255 [h][w][3]
  alpha    float 0..1 [h][w], or None
  kind     grey1 2 4 8 16, pal1 2 4 8, rgb8 16, greya8 16, rgba8 16; after it i for Adam7,
           t for a tRNS chunk: of the palette's alphas, or of the colour that is paper

Layout of a file: signature, then chunks of

    length (4, big-endian) │ type (4) │ data (length) │ CRC-32 of type and data (4)
"""
import re
import struct
import zlib
import numpy as np
from PIL import Image

COLOUR = {"grey": 0, "rgb": 2, "pal": 3, "greya": 4, "rgba": 6}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
         (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]  # x, y, step in x, step in y


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + \
        struct.pack(">I", zlib.crc32(kind + data))


def pack(samples, depth):
    """Rows of samples [h][w][channels] as bytes [h][n]."""
    h = len(samples)
    flat = samples.reshape(h, -1)
    if depth == 16:
        return flat.astype(">u2").view(np.uint8).reshape(h, -1)
    if depth == 8:
        return flat.astype(np.uint8)
    bits = flat[:, :, None] >> np.arange(depth - 1, -1, -1) & 1
    return np.packbits(bits.reshape(h, -1).astype(np.uint8), axis=1)


def filtered(rows, step, plain):
    """The rows with a filter's number before each: the one that leaves the smallest sum."""
    out = bytearray()
    above = np.zeros(rows.shape[1], np.int32)
    for row in rows.astype(np.int32):
        left = np.concatenate([np.zeros(step, np.int32), row])[:len(row)]
        corner = np.concatenate([np.zeros(step, np.int32), above])[:len(row)]
        p = left + above - corner
        pa, pb, pc = abs(p - left), abs(p - above), abs(p - corner)
        paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, above, corner))
        tries = [row] if plain else \
            [row, row - left, row - above, row - (left + above) // 2, row - paeth]
        tries = [(t & 255).astype(np.uint8) for t in tries]
        costs = [int(np.abs(t.astype(np.int8).astype(np.int32)).sum()) for t in tries]
        best = costs.index(min(costs))
        out += bytes([best]) + tries[best].tobytes()
        above = row
    return bytes(out)


def samples_of(picture, alpha, colour, depth, keyed):
    """Samples [h][w][channels] of the depth, and the chunks that explain them."""
    top, extra = (1 << depth) - 1, b""
    grey = picture @ np.array([.299, .587, .114])
    if colour == "pal" and keyed:  # one ink, in as many strengths as there are entries
        n = 1 << depth
        ink = picture[alpha > .5][0].astype(np.uint8).tobytes()
        strengths = bytes(255 * i // (n - 1) for i in range(n))
        return np.rint(alpha * (n - 1)).astype(np.int64), \
            chunk(b"PLTE", ink * n) + chunk(b"tRNS", strengths)
    if colour == "pal":
        image = Image.fromarray(np.rint(picture).astype(np.uint8))
        image = image.quantize(1 << depth, method=Image.MEDIANCUT, dither=Image.NONE)
        table = bytes(image.getpalette()[:3 << depth])
        return np.asarray(image).astype(np.int64), chunk(b"PLTE", table)
    values = grey[..., None] if colour.startswith("grey") else picture
    if keyed:  # the paper has a colour of its own, which tRNS declares transparent
        key = 90 if colour == "grey" else np.array([90, 200, 60])
        values = np.where(alpha[..., None] > .5, values, key)
        words = np.broadcast_to(key, values.shape[2:]).astype(int)
        extra = chunk(b"tRNS", struct.pack(f">{len(words)}H", *words))
    elif colour.endswith("a"):
        cover = np.ones(grey.shape) if alpha is None else alpha
        values = np.concatenate([values, 255 * cover[..., None]], axis=2)
    return np.rint(values / 255 * top).astype(np.int64), extra


def encode(picture, alpha, kind):
    colour, depth, flags = re.fullmatch(r"([a-z]+?)(\d+)([it]*)", kind).groups()
    depth = int(depth)
    samples, extra = samples_of(picture, alpha, colour, depth, "t" in flags)
    samples = samples.reshape(*picture.shape[:2], -1)
    h, w, channels = samples.shape
    plain = colour == "pal" or depth < 8
    data = b""
    for x, y, dx, dy in ADAM7 if "i" in flags else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            data += filtered(pack(part, depth), max(1, channels * depth // 8), plain)
    head = struct.pack(">IIBBBBB", w, h, depth, COLOUR[colour], 0, 0, "i" in flags)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + \
        chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
