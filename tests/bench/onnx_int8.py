"""onnx_int8.py - a network of peer_torch.py in 8 bits, as an ONNX file.

    onnx_int8.write(net, images, "mlp-int8.onnx")     # images: a tensor [n, 1, 28, 28]

It is what ONNX Runtime's own quantiser writes: QuantizeLinear and DequantizeLinear
around each layer, which ONNX Runtime makes one operator in integers of. Weights are int8
with a step for each output, what goes between layers is uint8, and biases are int32. A
step is that of the smallest and largest value which the images give. The outputs are
float32. Batch normalisation is part of the weights.
"""
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
NO_NODE = (*NORMS, nn.Dropout)  # part of the weights; only in training


class Graph:
    """Nodes in order, each reading the last one's output, and the numbers they use."""

    def __init__(self):
        self.nodes, self.numbers, self.last = [], [], "x"

    def number(self, values, kind):
        name = "n%d" % len(self.numbers)
        self.numbers.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def node(self, operator, inputs, **attributes):
        name = "v%d" % len(self.nodes)
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def then(self, operator, *more, **attributes):
        self.last = self.node(operator, [self.last, *more], **attributes)

    def integers(self, step, zero):
        """What was computed last, rounded to uint8."""
        steps = [self.number(step, "f4"), self.number(zero, "u1")]
        self.then("QuantizeLinear", *steps)
        self.then("DequantizeLinear", *steps)

    def constant(self, values, steps, kind):
        """Integers that are the numbers of a layer, with a step for each output."""
        return self.node("DequantizeLinear", [
            self.number(values, kind), self.number(steps, "f4"),
            self.number(np.zeros(len(steps)), kind)], axis=0)


def range_of(values):
    """The step and zero point of uint8 between the smallest and the largest value."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    step = (high - low) / 255 or 1.0
    return step, round(-low / step)


def numbers_of(layer, norm):
    """Weights and biases, with the batch normalisation that may follow."""
    w = layer.weight.numpy()
    b = np.zeros(len(w)) if layer.bias is None else layer.bias.numpy()
    if norm is None:
        return w, b
    by = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).numpy()
    each = by.reshape([-1] + [1] * (w.ndim - 1))
    return w * each, norm.bias.numpy() + (b - norm.running_mean.numpy()) * by


def weighted(g, layer, norm, step):
    """A convolution or a fully connected layer of inputs with this step."""
    w, b = numbers_of(layer, norm)
    each = np.abs(w).max(axis=tuple(range(1, w.ndim))) / 127
    each[each == 0] = 1
    rounded = np.round(w / each.reshape([-1] + [1] * (w.ndim - 1)))
    numbers = [g.constant(rounded, each, "i1"),
               g.constant(np.round(b / (each * step)), each * step, "i4")]
    if isinstance(layer, nn.Linear):
        g.then("Gemm", *numbers, transB=1)
    else:
        g.then("Conv", *numbers, kernel_shape=layer.kernel_size, strides=layer.stride,
               pads=layer.padding * 2)


def network(net, images):
    g, layers, value = Graph(), list(net), images
    step = range_of(value)
    g.integers(*step)
    for at, layer in enumerate(layers):
        value = layer(value)
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            after = layers[at + 1] if at + 1 < len(layers) else None
            weighted(g, layer, after if isinstance(after, NORMS) else None, step[0])
        elif isinstance(layer, nn.ReLU):
            step = range_of(value)
            g.then("Relu")
            g.integers(*step)
        elif isinstance(layer, nn.MaxPool2d):
            g.then("MaxPool", kernel_shape=[layer.kernel_size] * 2,
                   strides=[layer.stride] * 2)
            g.integers(*step)
        elif isinstance(layer, nn.Flatten):
            g.then("Reshape", g.number([0, -1], "i8"))
            g.integers(*step)
        elif not isinstance(layer, NO_NODE):
            raise ValueError("in 8 bits there is no " + type(layer).__name__)
    return g, value


def write(net, images, path):
    with torch.no_grad():
        g, value = network(net, images)
    g.nodes[-1].output[0] = "y"
    told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *like.shape[1:]])
            for name, like in (("x", images), ("y", value))]
    graph = helper.make_graph(g.nodes, "int8", told[:1], told[1:], g.numbers)
    onnx.save(helper.make_model(graph, ir_version=8,
                                opset_imports=[helper.make_opsetid("", 13)]), path)
