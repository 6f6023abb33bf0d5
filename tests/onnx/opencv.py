"""opencv.py - compares what OpenCV's dnn module says of images with what digitnet says.

    sqlite3 … "SELECT hex(digit_image(pixels)) || ' ' ||
        digit_probabilities(pixels) …" | python3 tests/onnx/opencv.py FILE.onnx HxWxC

Lines, order and result are those of ort.js; the file is one of ours, [N, C, H, W].
"""
import json
import sys

import cv2
import numpy as np

file, shape = sys.argv[1:3]
h, w, c = map(int, shape.split("x"))
net = cv2.dnn.readNetFromONNX(file)
n, worst = 0, 0.0
for line in sys.stdin:
    pixels, ours = line.split(" ", 1)
    image = np.frombuffer(bytes.fromhex(pixels), "<f4").reshape(1, h, w, c)
    net.setInput(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))
    theirs = net.forward().reshape(-1)
    worst = max(worst, np.abs(theirs - np.array(list(json.loads(ours).values()))).max())
    n += 1
good = n > 0 and worst <= 1e-5
print("%-20s %6d images, largest difference %.1e by OpenCV %s%s" % (
    file.rsplit("/", 1)[-1], n, worst, cv2.__version__, "" if good else "  FAILED"))
sys.exit(0 if good else 1)
