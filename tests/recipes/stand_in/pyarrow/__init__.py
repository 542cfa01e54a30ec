"""A stand-in for pyarrow where that cannot be installed, for scripts/recipes alone.

It has the few calls that the recipes make, under pyarrow's names, and refuses all others. Arrays are kept as Arrow lays them out; what writes them to Parquet is
arrow-rs, by way of parquet-wasm (parquet.py). So the recipes' own work is run for real (shapes, types, bytes, offsets), and so are a Parquet writer that is not ours
and our reader; that real pyarrow takes the same calls is not.
"""
import numpy as np

_KINDS = {np.dtype(t).name for t in (np.float16, np.float32, np.float64, np.int8, np.int16, np.int32, np.int64)}


class Type:
    def __init__(self, kind, **details):
        self.json = {"kind": kind, **details}

    def __eq__(self, other):
        return isinstance(other, Type) and self.json == other.json


def binary(length=-1):
    if length <= 0:
        raise NotImplementedError("the stand-in has fixed-size binary alone")
    return Type("fixed_binary", width=length)


class Array:
    def __init__(self, type, length, buffers, child=None):
        self.type, self.buffers, self.child = type, buffers, child
        self._length = length

    def __len__(self):
        return self._length

    def numpy(self):
        return np.frombuffer(self.buffers[0], self.type.json["kind"])


class _Made(Array):
    def __init__(self, *_):
        raise TypeError("use from_arrays, as with pyarrow")


def array(values, type=None):
    if isinstance(values, np.ndarray) and type is None:
        if values.ndim != 1:
            raise ValueError("only handle 1-dimensional arrays")  # As pyarrow says it.
        if values.dtype.name not in _KINDS:
            raise NotImplementedError(f"the stand-in has no {values.dtype}")
        return Array(Type(values.dtype.name), len(values), [np.ascontiguousarray(values).tobytes()])
    if type is not None and type.json["kind"] == "fixed_binary" and all(isinstance(v, bytes) for v in values):
        width = type.json["width"]
        if any(len(v) != width for v in values):
            raise ValueError(f"a value is not {width} bytes long")
        return Array(type, len(values), [b"".join(values)])
    raise NotImplementedError("the stand-in makes arrays of NumPy arrays, and of bytes with a fixed-size binary type")


class FixedSizeListArray(_Made):
    @staticmethod
    def from_arrays(values, list_size):
        if len(values) % list_size:
            raise ValueError(f"{len(values)} values are no lists of {list_size}")
        return Array(Type("fixed_list", size=int(list_size), child=values.type.json), len(values) // list_size, [], values)


class ListArray(_Made):
    @staticmethod
    def from_arrays(offsets, values):
        ends = offsets.numpy()
        if ends.dtype != np.int32 or ends[0] != 0 or (np.diff(ends) < 0).any() or ends[-1] != len(values):
            raise ValueError("offsets are int32, ascend from 0, and end with the number of values")
        return Array(Type("list", child=values.type.json), len(ends) - 1, offsets.buffers, values)


class Table:
    def __init__(self, columns):
        self.columns = columns
        lengths = {len(c) for c in columns.values()}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {lengths}")
        self.num_rows = lengths.pop()

    @property
    def schema(self):
        return [(name, column.type) for name, column in self.columns.items()]


def table(columns):
    return Table({name: c if isinstance(c, Array) else array(c) for name, c in columns.items()})
