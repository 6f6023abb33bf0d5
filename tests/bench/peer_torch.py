"""peer_torch.py - PyTorch on the CPU, as a peer of tests/bench/bench.c (see peer.h).

    printf '%s\n' 'net mlp 128N' 'infer mlp 64 1 0.5' | python3 tests/bench/peer_torch.py

It reads the layer notation itself. Where a max pooling follows a convolution it comes
before the ReLU, which gives the same numbers and is cheaper here; in the ONNX files it
comes after, since ONNX Runtime computes a ReLU along with its convolution. Each is
written a second time in 8 bits (onnx_int8.py). Pixels and labels are random: they have no
part in the speed.
"""
import os
import re
import sqlite3
import sys
import time
import warnings

import torch
from torch import nn

try:
    import onnx_int8
except ImportError:
    onnx_int8 = None  # without python3-onnx there are no files in 8 bits

warnings.filterwarnings("ignore")
torch.manual_seed(1)
IMAGES = 4096
pixels = torch.randn(IMAGES, 1, 28, 28)
labels = torch.randint(0, 10, (IMAGES,))
notations, networks, chosen = {}, {}, {}


def network(notation, relu_first=False):
    """A notation such as 24C5v-MP2-32C3v-MP2-256N as a module."""
    layers, shape, flat = [], (1, 28, 28), False
    for text in [t for t in notation.split("-") if t] + ["10N"]:
        conv = re.fullmatch(r"(\d+)C(\d+)([vb]*)", text)
        pool = re.fullmatch(r"(MP|AP)(\d+)", text)
        dense = re.fullmatch(r"(\d+)N(b?)", text)
        drop = re.fullmatch(r"D([0-9.]+)", text)
        c, h, w = shape
        if conv:
            n, k, flags = int(conv[1]), int(conv[2]), conv[3]
            margin = 0 if "v" in flags else k // 2
            layers.append(nn.Conv2d(c, n, k, padding=margin, bias="b" not in flags))
            if "b" in flags:
                layers.append(nn.BatchNorm2d(n))
            layers.append(nn.ReLU())
            shape = (n, h + 2 * margin - k + 1, w + 2 * margin - k + 1)
        elif pool:
            k = int(pool[2])
            layer = nn.MaxPool2d(k) if pool[1] == "MP" else nn.AvgPool2d(k)
            before = layers and isinstance(layers[-1], nn.ReLU) and not relu_first
            layers.insert(len(layers) - 1 if before and pool[1] == "MP" else len(layers), layer)
            shape = (c, h // k, w // k)
        elif dense:
            if not flat:
                layers.append(nn.Flatten())
                flat, shape = True, (c * h * w, 1, 1)
            n = int(dense[1])
            layers.append(nn.Linear(shape[0], n, bias=not dense[2]))
            if dense[2]:
                layers.append(nn.BatchNorm1d(n))
            layers.append(nn.ReLU())
            shape = (n, 1, 1)
        elif drop:
            layers.append(nn.Dropout(float(drop[1])))
        else:
            raise ValueError("cannot read " + text)
    return nn.Sequential(*layers[:-1])  # no ReLU after the output


def rate(step, batch, seconds):
    """Images a second of step(), called for that long after two calls to warm up: of the
    process's CPU time, and of the clock's."""
    step()
    step()
    n, start, cpu = 0, time.perf_counter(), time.process_time()
    while True:
        step()
        n += 1
        if time.perf_counter() - start >= seconds:
            return (n * batch / (time.process_time() - cpu),
                    n * batch / (time.perf_counter() - start))


def infer(net, layout, batch, seconds):
    net.eval()
    x = pixels[:batch].contiguous(memory_format=layout)
    with torch.inference_mode():
        return rate(lambda: net(x), batch, seconds)


def train(net, layout, batch, seconds):
    net.train()
    loss, optimizer = nn.CrossEntropyLoss(), torch.optim.AdamW(net.parameters(), 1e-3)
    pixels = globals()["pixels"].contiguous(memory_format=layout)
    at = 0

    def step():
        nonlocal at
        at = (at + batch) % (IMAGES - batch)
        optimizer.zero_grad()
        loss(net(pixels[at:at + batch]), labels[at:at + batch]).backward()
        optimizer.step()

    return rate(step, batch, seconds)


def best(work, name, batch, threads, seconds):
    """In the layout of memory that was the faster when both were tried."""
    torch.set_num_threads(threads)
    layouts = [torch.contiguous_format, torch.channels_last]
    key = (work, name, batch, threads)
    if "C" not in notations[name]:
        chosen[key] = layouts[0]
    if key not in chosen:
        tried = [work(networks[name].to(memory_format=l), l, batch, seconds) for l in layouts]
        chosen[key] = layouts[tried[1][0] > tried[0][0]]
    layout = chosen[key]
    return work(networks[name].to(memory_format=layout), layout, batch, seconds)


def kaiming(net):
    """Random weights whose outputs are about 1 large, however many layers there are:
    what is compared then is more than the biases."""
    for part in net:
        if hasattr(part, "weight") and part.weight.dim() > 1:
            nn.init.kaiming_normal_(part.weight)
    return net.eval()


def images(folder):
    """Some training images of bench.c: the ranges in 8 bits are those that they give."""
    rows = sqlite3.connect(os.path.join(folder, "bench.db")).execute(
        "SELECT pixels FROM train LIMIT 256")
    return torch.stack([torch.frombuffer(bytearray(blob), dtype=torch.float32)
                        for blob, in rows]).reshape(-1, 1, 28, 28)


def export(folder):
    for name, notation in notations.items():
        net = kaiming(network(notation, relu_first=True))
        torch.onnx.export(net, pixels[:1],
                          os.path.join(folder, name + ".onnx"), input_names=["x"],
                          output_names=["y"], opset_version=13,
                          dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
        if onnx_int8:
            onnx_int8.write(net, images(folder), os.path.join(folder, name + "-int8.onnx"))
    return "ok"


def answer(words):
    if words[0] == "version":
        return "PyTorch " + torch.__version__
    if words[0] == "net":
        notation = words[2] if len(words) > 2 else ""
        networks[words[1]] = network(notation)
        notations[words[1]] = notation
        return "ok"
    if words[0] == "export":
        return export(words[1])
    work = {"infer": infer, "train": train}[words[0]]
    return "%.1f %.1f" % best(work, words[1], int(words[2]), int(words[3]), float(words[4]))


out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what the exporter prints is no answer
for line in sys.stdin:
    try:
        print(answer(line.split()), file=out, flush=True)
    except Exception as problem:
        print("error: " + " ".join(str(problem).split())[:300], file=out, flush=True)
