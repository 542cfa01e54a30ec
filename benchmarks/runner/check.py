"""A reference without any package: the mean loss in Python's own float64, summed exactly."""

import array
import math
import struct
import sys

from .servers import ServerError

# float64 logits, exponentials and logarithms of the C library, exact sums: a few units in the last place of a row's loss, and some cancel in the mean.
TOLERANCE = 1e-14


def reference(session, name):
    """Compares our mean of a dump with the reference's."""
    shape, dump = session.data.files[name]
    entry = {"name": f"reference-{name}"}
    try:
        ours, expected = session.evaluate(name)["mean"], mean(session.data, shape, dump.type)
        if not abs(ours - expected) <= TOLERANCE * abs(expected):
            entry["error"] = f"ours has the mean {ours!r}, the reference {expected!r}"
    except ServerError as error:
        entry["error"] = str(error)
    return entry


def mean(data, shape, dtype):
    logits, labels = array.array("f"), array.array("i")
    for values, extension, count in ((logits, "f32", shape.logits), (labels, "i32", shape.rows)):
        with open(data.array(shape.name, extension), "rb") as file:
            values.fromfile(file, count)
        if sys.byteorder == "big":
            values.byteswap()
    round_to = {"Float32": float, "Float16": half, "BFloat16": bfloat}[dtype]
    losses = []
    for row, label in enumerate(labels):
        z = [round_to(value) for value in logits[row * shape.classes : (row + 1) * shape.classes]]
        greatest = max(z)
        losses.append(math.log(math.fsum(math.exp(value - greatest) for value in z)) + (greatest - z[label]))
    return math.fsum(losses) / shape.rows


def half(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]


def bfloat(value):
    """The nearest float32 whose lower 16 bits are zero, ties to even."""
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    bits += 0x7FFF + (bits >> 16 & 1)
    return struct.unpack("<f", struct.pack("<I", bits & 0xFFFF0000))[0]
