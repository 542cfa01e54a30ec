"""What is measured: dumps, and their logits and labels as arrays for those who read no Parquet."""

import array
import json
import os
import random
import subprocess
from dataclasses import dataclass, field

from .servers import ServerError


@dataclass(frozen=True)
class Dump:
    """One file: how it is written, and how it is read."""

    name: str
    codec: str = "uncompressed"
    version: str = "v1"
    layout: str = "list"
    # A type other than float32: DuckDB does not write these, our own writer does, from the same logits.
    type: str = "Float32"

    @property
    def prefix(self):
        return "logit_" if self.layout == "flat" else None

    @property
    def packed(self):
        return "bfloat16" if self.type == "BFloat16" else None


@dataclass(frozen=True)
class Shape:
    """Logits are scale * N(0, 1), plus bonus at the label."""

    name: str
    rows: int
    classes: int
    scale: float
    bonus: float
    group: int
    files: tuple
    # The beginning of the result's digest, which no change of the code may move; None where the rows are others.
    digest: str = field(default=None)

    @property
    def logits(self):
        return self.rows * self.classes


FULL = (
    Shape("img", 50_000, 1000, 2.0, 10.0, 5000, (
        Dump("img_none"),
        Dump("img_snappy", codec="snappy"),
        Dump("img_lz4", codec="lz4"),
        Dump("img_zstd", codec="zstd"),
        Dump("img_v2_zstd", codec="zstd", version="v2"),
        Dump("img_f16", type="Float16"),
        Dump("img_bf16", type="BFloat16"),
    ), "021bf731561e57e8"),
    Shape("small", 5_000_000, 10, 1.5, 3.0, 122_880, (Dump("small_list_none"), Dump("small_flat_none", layout="flat")), "9e7ec8a705238cd9"),
    Shape("llm", 4000, 50_257, 2.0, 14.0, 2048, (Dump("llm_none"),), "78023bd993f0622a"),
)  # fmt: skip

SMALL_ROWS = {"img": 300, "small": 20_000, "llm": 12}


def small():
    """The same shapes with few rows, for --check."""
    return tuple(Shape(s.name, SMALL_ROWS[s.name], s.classes, s.scale, s.bonus, s.group, s.files) for s in FULL)


class Data:
    """Where dumps and arrays are."""

    def __init__(self, shapes, dumps, arrays):
        self.shapes = {shape.name: shape for shape in shapes}
        self.files = {dump.name: (shape, dump) for shape in shapes for dump in shape.files}
        self._dumps = dumps
        self._arrays = arrays
        self._own = os.path.join(arrays, "dumps")

    def path(self, name):
        """A dump's file. Those that our own writer makes are never put beside somebody else's."""
        given = os.path.join(self._dumps, f"{name}.parquet")
        return given if os.path.exists(given) else os.path.join(self._own, f"{name}.parquet")

    def array(self, shape, extension):
        return os.path.join(self._arrays, f"{shape}.{extension}")

    def make(self, ours, peers, say):
        """Writes what is missing: with DuckDB where it is installed, else (small ones alone) in Python and with our own writer."""
        for folder in (self._dumps, self._arrays, self._own):
            os.makedirs(folder, exist_ok=True)
        if not self._complete():
            if peers.duckdb:
                say("writing dumps and arrays with DuckDB; what is there already stays")
                self._with_duckdb(peers)
            elif all(shape.rows <= SMALL_ROWS[shape.name] for shape in self.shapes.values()):
                say("writing dumps and arrays without DuckDB")
                self._in_python()
            else:
                raise SystemExit("scripts/bench: DuckDB is not installed, and writes the dumps; give --data DIR with dumps that are there already")
        for shape, dump in self.files.values():
            if not os.path.exists(self.path(dump.name)):
                say(f"writing {dump.name}")
                self._convert(ours, shape, dump)

    def _complete(self):
        return all(
            os.path.exists(self.array(shape.name, "f32"))
            and os.path.getsize(self.array(shape.name, "f32")) == 4 * shape.logits
            and os.path.exists(self.array(shape.name, "i32"))
            and all(os.path.exists(self.path(dump.name)) for dump in shape.files if dump.type == "Float32")
            for shape in self.shapes.values()
        )

    def _with_duckdb(self, peers):
        shapes = [
            {
                **{key: getattr(shape, key) for key in ("name", "rows", "classes", "scale", "bonus", "group")},
                "files": [{"name": d.name, "codec": d.codec, "version": d.version, "layout": d.layout} for d in shape.files if d.type == "Float32"],
            }
            for shape in self.shapes.values()
        ]
        request = {"dumps": os.path.abspath(self._dumps), "arrays": os.path.abspath(self._arrays), "shapes": shapes}
        subprocess.run([*peers.node("dumps.js"), json.dumps(request)], env=peers.environment(), check=True)

    def _in_python(self):
        # Every line of the table runs in the check, with values of the same distribution; it need not be the same values.
        draw = random.Random(1)
        for shape in self.shapes.values():
            labels = array.array("i", (draw.randrange(shape.classes) for _ in range(shape.rows)))
            logits = array.array("f", bytes(4 * shape.logits))
            for row, label in enumerate(labels):
                for j in range(shape.classes):
                    logits[row * shape.classes + j] = shape.scale * draw.gauss(0, 1) + (shape.bonus if j == label else 0)
            for data, extension in ((logits, "f32"), (labels, "i32")):
                with open(self.array(shape.name, extension), "wb") as out:
                    data.tofile(out)

    def _convert(self, ours, shape, dump):
        layout = "PackedFixed" if dump.packed else "Flat" if dump.layout == "flat" else "List"
        codecs = {"uncompressed": "Uncompressed", "snappy": "Snappy", "zstd": "Zstd", "lz4": "Lz4Raw"}
        try:
            ours.ask(
                op="convert", logits=self.array(shape.name, "f32"), labels=self.array(shape.name, "i32"), classes=shape.classes, type=dump.type, layout=layout,
                codec=codecs[dump.codec], pageVersion=int(dump.version[1]), rowGroupRows=shape.group, output=os.path.join(self._own, f"{dump.name}.parquet"),
            )  # fmt: skip
        except ServerError as error:
            raise SystemExit(f"scripts/bench: {dump.name} cannot be written: {error}") from error
