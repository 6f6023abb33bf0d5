"""make.py - makes the ONNX files beside it: what PyTorch exports, and what converters from
Keras and CNTK write, by hand.

    python3 tests/onnx/make.py tests/onnx          (Debian: python3-torch python3-onnx)

The networks are tiny and their weights random: what they say is compared with ONNX Runtime
(tests/onnx/run.sh), and stands in tests/sql/onnx.out.
"""
import os
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

warnings.filterwarnings("ignore")
folder = sys.argv[1]
random = np.random.RandomState(7)


def numbers(*shape):
    """Weights that make outputs of size 1, about."""
    fan = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
    return (random.randn(*shape) * 2 / np.sqrt(fan)).astype("f4")


# --- PyTorch ----------------------------------------------------------------------------


class Cnn(nn.Module):
    """Its BatchNorm2d becomes a part of the Conv when it is exported, BatchNorm1d does not."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(24, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(0.4),
            nn.Linear(12, 10))

    def forward(self, x):
        return self.net(x)


class View(nn.Module):
    """The flattening of many tutorials, pooling before ReLU, log_softmax at the end."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, stride=2)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout2d(0.25)
        self.fc1 = nn.Linear(16, 8)
        self.fc2 = nn.Linear(8, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.norm(self.conv1(x)), 2))
        x = self.drop(x).view(x.size(0), -1)
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


class Gap(nn.Module):
    """Three channels, padding for an even stride, global average pooling, a second head."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 8, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
        x = self.pool(F.relu(self.conv2(x)))
        return F.softmax(self.fc(torch.squeeze(torch.squeeze(x, 3), 2)), dim=1)


def stir(model):
    """Statistics and scales that are not those of a fresh network."""
    generator = torch.Generator().manual_seed(3)
    for name, p in list(model.named_parameters()) + list(model.named_buffers()):
        if p.dtype != torch.float32:
            continue
        noise = torch.rand(p.shape, generator=generator)
        if "running_var" in name or (p.dim() == 1 and "weight" in name):
            p.data = 0.5 + noise
        elif p.dim() == 1:
            p.data = noise - 0.5
        else:
            p.data = (noise - 0.5) * 6 / np.sqrt(np.prod(p.shape[1:]))
    return model.eval()


def torch_file(name, model, shape, opset, **more):
    torch.manual_seed(1)
    torch.onnx.export(stir(model), torch.zeros(1, *shape), os.path.join(folder, name + ".onnx"),
                      input_names=["input"], output_names=["output"], opset_version=opset,
                      **more)


BATCH = {"input": {0: "batch"}, "output": {0: "batch"}}
torch_file("torch_cnn", Cnn(), (1, 12, 12), 13, dynamic_axes=BATCH)
torch_file("torch_view", View(), (1, 12, 12), 11, dynamic_axes=BATCH, do_constant_folding=False,
           training=torch.onnx.TrainingMode.PRESERVE)
torch_file("torch_gap", Gap(), (3, 9, 7), 9)

# --- by hand ----------------------------------------------------------------------------


def tensor(name, array, typed=False):
    """Its numbers as raw bytes, or in the field of their type."""
    if not typed:
        return numpy_helper.from_array(array.copy(), name)
    kind = helper.np_dtype_to_tensor_dtype(array.dtype) if hasattr(
        helper, "np_dtype_to_tensor_dtype") else {"f4": TensorProto.FLOAT, "f2": TensorProto.FLOAT16,
                                                  "f8": TensorProto.DOUBLE,
                                                  "i8": TensorProto.INT64}[array.dtype.str[1:]]
    return helper.make_tensor(name, kind, array.shape, array.flatten())


def hand_file(name, nodes, tensors, shape, output, opset, producer, ir=7, listed=False):
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)]
    if listed:  # version 3 of the format: initializers are inputs too
        inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in tensors]
    outputs = [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, output)]
    graph = helper.make_graph(nodes, name, inputs, outputs, tensors)
    model = helper.make_model(graph, producer_name=producer, ir_version=ir,
                              opset_imports=[helper.make_opsetid("", opset)])
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, os.path.join(folder, name + ".onnx"))


node = helper.make_node


def keras_cnn():
    """One channel: the Transpose at the input is a Reshape, as tf2onnx has it."""
    shape = np.array([-1, 1, 12, 12], "i8")
    flat = np.array([-1, 96], "i8")
    nodes = [
        node("Reshape", ["input", "shape"], ["a"], name="model/conv2d/Conv2D__5"),
        node("Conv", ["a", "k1", "b1"], ["b"], name="model/conv2d/Conv2D", auto_pad="SAME_UPPER",
             strides=[2, 2], kernel_shape=[3, 3], dilations=[1, 1], group=1),
        node("Relu", ["b"], ["c"], name="model/conv2d/Relu"),
        node("MaxPool", ["c"], ["d"], name="model/max_pooling2d/MaxPool", auto_pad="VALID",
             kernel_shape=[3, 3], strides=[1, 1]),
        node("Transpose", ["d"], ["e"], name="model/max_pooling2d/MaxPool__12",
             perm=[0, 2, 3, 1]),
        node("Reshape", ["e", "flat"], ["f"], name="model/flatten/Reshape"),
        node("MatMul", ["f", "w1"], ["g"], name="model/dense/MatMul"),
        node("Add", ["g", "c1"], ["h"], name="model/dense/BiasAdd"),
        node("Relu", ["h"], ["i"], name="model/dense/Relu"),
        node("MatMul", ["i", "w2"], ["j"], name="model/dense_1/MatMul"),
        node("Add", ["j", "c2"], ["k"], name="model/dense_1/BiasAdd"),
        node("Softmax", ["k"], ["dense_1"], name="model/dense_1/Softmax", axis=-1),
    ]
    tensors = [tensor("shape", shape), tensor("flat", flat), tensor("k1", numbers(6, 1, 3, 3)),
               tensor("b1", numbers(6)), tensor("w1", numbers(96, 10)), tensor("c1", numbers(10)),
               tensor("w2", numbers(10, 10)), tensor("c2", numbers(10))]
    hand_file("keras_cnn", nodes, tensors, ["N", 12, 12, 1], ["N", 10], 13, "tf2onnx")


def keras_rgb():
    """A Transpose around each layer, a Rescaling of 0..255, batch norm taken apart and not,
    with Keras's epsilon, the flattening computed from the shape, float16 weights."""
    nodes = [
        node("Mul", ["input", "scale"], ["in1"], name="rescaling"),
        node("Add", ["in1", "shift"], ["in2"], name="rescaling_add"),
        node("Transpose", ["in2"], ["a"], name="t1", perm=[0, 3, 1, 2]),
        node("Cast", ["k1"], ["k1f"], name="cast", to=TensorProto.FLOAT),
        node("Conv", ["a", "k1f"], ["b"], name="conv1", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Transpose", ["b"], ["c"], name="t2", perm=[0, 2, 3, 1]),
        node("Mul", ["c", "gain"], ["d"], name="norm1_mul"),
        node("Sub", ["d", "offset"], ["e"], name="norm1_sub"),
        node("Relu", ["e"], ["f"], name="relu1"),
        node("Identity", ["f"], ["g"], name="dropout"),
        node("Transpose", ["g"], ["h"], name="t3", perm=[0, 3, 1, 2]),
        node("AveragePool", ["h"], ["i"], name="pool1", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["i", "k2", "b2"], ["j"], name="conv2", kernel_shape=[2, 2],
             auto_pad="SAME_UPPER"),
        node("BatchNormalization", ["j", "g2", "o2", "m2", "v2"], ["k"], name="norm2",
             epsilon=0.001),
        node("Relu", ["k"], ["l"], name="relu2"),
        node("Transpose", ["l"], ["m"], name="t4", perm=[0, 2, 3, 1]),
        node("Shape", ["m"], ["s1"], name="shape"),
        node("Slice", ["s1", "zero", "one"], ["s2"], name="slice"),
        node("Concat", ["s2", "minus"], ["s3"], name="concat", axis=0),
        node("Reshape", ["m", "s3"], ["n"], name="flatten"),
        node("Gemm", ["n", "w", "bias"], ["o"], name="dense", alpha=0.5, beta=2.0, transB=1),
        node("Softmax", ["o"], ["p"], name="softmax"),
    ]
    size = 3 * 4 * 5
    tensors = [
        tensor("scale", np.array(0.5, "f4")), tensor("shift", np.array([-0.25], "f4")),
        tensor("k1", numbers(4, 3, 3, 3).astype("f2"), True),
        tensor("gain", (1 + numbers(4)).reshape(1, 1, 1, 4)), tensor("offset", numbers(4)),
        tensor("k2", numbers(5, 4, 2, 2).astype("f4"), True), tensor("b2", numbers(5)),
        tensor("g2", 1 + 0.1 * numbers(5)), tensor("o2", numbers(5)), tensor("m2", numbers(5)),
        tensor("v2", np.abs(numbers(5)), True), tensor("zero", np.array([0], "i8")),
        tensor("one", np.array([1], "i8"), True), tensor("minus", np.array([-1], "i8")),
        tensor("w", numbers(size, 3).T.copy() * 0.2), tensor("bias", numbers(3)),
    ]
    hand_file("keras_rgb", nodes, tensors, ["N", 6, 8, 3], ["N", 3], 13, "keras2onnx")


def keras_gap():
    """An image of two dimensions; the mean over height and width, of [N, H, W, C]."""
    nodes = [
        node("Unsqueeze", ["input", "last"], ["a"], name="expand_dims"),
        node("Transpose", ["a"], ["b"], name="t1", perm=[0, 3, 1, 2]),
        node("Conv", ["b", "k1", "b1"], ["c"], name="conv", kernel_shape=[3, 3]),
        node("Relu", ["c"], ["d"], name="relu"),
        node("Transpose", ["d"], ["e"], name="t2", perm=[0, 2, 3, 1]),
        node("ReduceMean", ["e"], ["f"], name="mean", axes=[1, 2], keepdims=0),
        node("Dropout", ["f", "ratio"], ["g"], name="drop"),
        node("MatMul", ["g", "w"], ["h"], name="dense"),
        node("Add", ["bias", "h"], ["i"], name="bias_add"),
    ]
    tensors = [tensor("last", np.array([3], "i8")), tensor("k1", numbers(7, 1, 3, 3)),
               tensor("b1", numbers(7)), tensor("ratio", np.array(0.2, "f4")),
               tensor("w", 3 * numbers(7, 5)), tensor("bias", numbers(1, 5))]
    hand_file("keras_gap", nodes, tensors, ["N", 9, 11], ["N", 5], 13, "tf2onnx")


def cntk():
    """As the model zoo's mnist-8: a batch of 1, biases added, weights that are reshaped."""
    nodes = [
        node("Div", ["input", "divisor"], ["z"], name="Div"),
        node("Conv", ["z", "p5"], ["a"], name="Convolution28", auto_pad="SAME_UPPER",
             kernel_shape=[5, 5], strides=[1, 1], dilations=[1, 1], group=1),
        node("Add", ["a", "p6"], ["b"], name="Plus30"),
        node("Relu", ["b"], ["c"], name="ReLU32"),
        node("MaxPool", ["c"], ["d"], name="Pooling66", auto_pad="NOTSET", kernel_shape=[3, 3],
             strides=[3, 3], pads=[0, 0, 0, 0]),
        node("Reshape", ["d", "flat"], ["e"], name="Times212_reshape0"),
        node("Reshape", ["p193", "two"], ["w"], name="Times212_reshape1"),
        node("MatMul", ["e", "w"], ["f"], name="Times212"),
        node("Add", ["f", "p194"], ["g"], name="Plus214"),
    ]
    tensors = [tensor("divisor", np.array(0.5, "f4")), tensor("p5", numbers(6, 1, 5, 5), True),
               tensor("p6", numbers(6, 1, 1).reshape(6, 1, 1), True),
               tensor("flat", np.array([1, 96], "i8")), tensor("two", np.array([96, 10], "i8")),
               tensor("p193", numbers(96, 10).reshape(6, 4, 4, 10), True),
               tensor("p194", numbers(1, 10).astype("f4"), True)]
    hand_file("cntk", nodes, tensors, [1, 1, 12, 12], [1, 10], 8, "CNTK", ir=3, listed=True)


def labels():
    """Several classes that may be there at once: a Sigmoid each. A mean and a deviation of
    each channel, slopes of each channel, channels in two halves of which one goes by, and a
    sum."""
    nodes = [
        node("Sub", ["input", "mean"], ["a"]),
        node("Div", ["a", "deviation"], ["b"]),
        node("Conv", ["b", "k1", "b1"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("PRelu", ["c", "slopes"], ["d"]),
        node("Split", ["d", "halves"], ["e", "f"], axis=1),
        node("Conv", ["f", "k2"], ["g"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Sigmoid", ["g"], ["h"]),
        node("Mul", ["g", "h"], ["i"]),
        node("Add", ["i", "f"], ["j"]),
        node("Concat", ["j", "e"], ["k"], axis=1),
        node("AveragePool", ["k"], ["l"], kernel_shape=[1, 2], strides=[1, 1]),
        node("GlobalAveragePool", ["l"], ["m"]),
        node("Flatten", ["m"], ["n"]),
        node("Gemm", ["n", "w", "bias"], ["o"], transB=1),
        node("Sigmoid", ["o"], ["p"]),
    ]
    tensors = [tensor("mean", np.array([0.485, 0.456, 0.406], "f4").reshape(1, 3, 1, 1)),
               tensor("deviation", np.array([0.229, 0.224, 0.225], "f4").reshape(1, 3, 1, 1)),
               tensor("k1", numbers(6, 3, 3, 3)), tensor("b1", numbers(6)),
               tensor("slopes", numbers(6, 1, 1)), tensor("halves", np.array([3, 3], "i8")),
               tensor("k2", numbers(3, 3, 3, 3)), tensor("w", 3 * numbers(4, 6)),
               tensor("bias", numbers(4))]
    hand_file("labels", nodes, tensors, ["N", 3, 6, 8], ["N", 4], 13, "by hand")


keras_cnn()
keras_rgb()
keras_gap()
cntk()
labels()
