"""The table's lines: what is compared with what, how much there is to reach, and how it is measured."""

import ctypes
import json
import os
import statistics
import time
from dataclasses import dataclass
from typing import Callable

from . import ours as own
from .servers import ServerError
from .timing import median, samples

# Of a mean, relative: float32 arithmetic over 50,257 terms is off by 1.1e-5 where a tree of sums is not used; float64 in any order by 1e-13.
TOLERANCE = {"float32": 5e-5, "float64": 1e-10}


class Skipped(Exception):
    """A line cannot be measured here: what it needs is not installed."""


@dataclass(frozen=True)
class Line:
    """`measure(bench)` gives a dictionary with `ratio`, `ours` and `theirs`. A target is a least ratio; with `ceiling` it is the most; without one the line is told, not judged."""

    name: str
    dump: str
    against: str
    target: float | None
    measure: Callable
    ceiling: bool = False

    def reached(self, ratio):
        if self.target is None:
            return None
        return ratio <= self.target if self.ceiling else ratio >= self.target


def side(answers, **more):
    """One side of a line. Processor time stands beside wall time where it is known: on one thread, what is between them is waiting."""
    times = {"seconds": median(answers), "samples": samples(answers)}
    if "cpuSeconds" in answers[0]:
        times |= {"cpuSeconds": median(answers, "cpuSeconds"), "cpuSamples": samples(answers, "cpuSeconds")}
    if "digest" in answers[0]:
        times["digest"] = answers[0]["digest"]
    return {**times, **more}


def check_value(name, answer, mean, rows, precision):
    """The peer's relative error; a value that its arithmetic does not excuse is an error."""
    error = abs(answer["mean"] - mean) / abs(mean)
    if not error <= TOLERANCE[precision]:
        raise ServerError(f"{name}: its mean {answer['mean']!r} is not ours, {mean!r}: off by {error:.1e}, more than {TOLERANCE[precision]:.0e}")
    if answer["rows"] != rows:
        raise ServerError(f"{name}: {answer['rows']} rows, not {rows}")
    return error


def against_peer(bench, dump, start, name, **request):
    """Ours and the fastest formulation of a peer, in turns. Formulations whose value is wrong are kept apart, with what was wrong."""
    shape, _ = bench.data.files[dump]
    bench.warm(dump)
    with start(shape) as peer:
        formulations = {f["name"]: f for f in peer.ask(op="list", **request)["formulations"]}
        wrong, errors = {}, {}

        def run(query):
            answer = peer.ask(op="run", query=query, path=bench.data.path(dump), **request)
            try:
                errors[query] = check_value(f"{name}, {query}", answer, bench.mean(dump), shape.rows, formulations[query]["precision"])
            except ServerError as error:
                wrong[query] = str(error)
                return None
            return answer

        times = bench.clock.fastest(formulations, run)
        if not times:
            raise ServerError("; ".join(wrong.values()))
        close = bench.clock.contenders(times)
        mine, *others = bench.clock.alternate(
            lambda: bench.evaluate(dump), *(lambda query=query: peer.ask(op="run", query=query, path=bench.data.path(dump), **request) for query in close)
        )
    best, theirs = min(zip(close, others), key=lambda one: median(one[1]))
    facts = {**formulations[best], "mean": theirs[-1]["mean"], "relativeError": errors[best]}
    return {
        "ratio": median(theirs) / median(mine),
        "ours": side(mine, mean=mine[-1]["mean"]),
        "theirs": side(theirs, **facts),
        "formulations": {name: round(seconds, 6) for name, seconds in times.items()},
        "contenders": {name: side(answers) for name, answers in zip(close, others)},
        "wrong": wrong,
    }


def torch(dump, precision):
    def measure(bench):
        if not bench.peers.torch:
            raise Skipped("python3-torch is not installed")
        return against_peer(bench, dump, bench.start_torch, "PyTorch", precision=precision)

    return measure


def duckdb(dump):
    def measure(bench):
        if not bench.peers.duckdb:
            raise Skipped("@duckdb/node-api is not installed")
        shape, file = bench.data.files[dump]
        return against_peer(bench, dump, lambda _: bench.peers.start_duckdb(), "DuckDB", layout=file.layout, classes=shape.classes)

    return measure


def polars(dump):
    def measure(bench):
        if not bench.peers.polars:
            raise Skipped("nodejs-polars is not installed")
        shape, _ = bench.data.files[dump]
        return against_peer(bench, dump, lambda _: bench.peers.start_polars(), "Polars", classes=shape.classes)

    return measure


def list_lengths(dump):
    def measure(bench):
        if not bench.peers.duckdb:
            raise Skipped("@duckdb/node-api is not installed")
        shape, _ = bench.data.files[dump]
        bench.warm(dump)
        with bench.peers.start_duckdb() as peer:
            mine, theirs = bench.clock.alternate(lambda: bench.evaluate(dump), lambda: peer.ask(op="run", query="lengths", path=bench.data.path(dump)))
        if theirs[-1]["logits"] != shape.logits:
            raise ServerError(f"DuckDB counts {theirs[-1]['logits']} logits, not {shape.logits}")
        return {"ratio": median(theirs) / median(mine), "ours": side(mine), "theirs": side(theirs, name="sum(len(logits))")}

    return measure


def loop(dump):
    def measure(bench):
        if not bench.peers.gcc:
            raise Skipped("gcc is not installed")
        shape, _ = bench.data.files[dump]
        bench.warm(dump)
        with bench.start_loop(shape) as peer:
            mine, theirs, sums, reads = bench.clock.alternate(
                lambda: bench.evaluate(dump), lambda: peer.ask(op="run"), lambda: peer.ask(op="sum"), lambda: read(bench.data.path(dump))
            )
        error = check_value("C loop", theirs[-1], bench.mean(dump), shape.rows, "float32")
        facts = {"name": "gcc -O3 -ffast-math", "precision": "float32", "safe": True, "mean": theirs[-1]["mean"], "relativeError": error}
        return {"ratio": median(theirs) / median(mine), "ours": side(mine), "theirs": side(theirs, **facts), "addingUp": side(sums), "reading": side(reads)}

    return measure


LIBRARIES = {"zstd": "libzstd.so.1", "lz4": "liblz4.so.1", "snappy": "libsnappy.so.1"}


def read(path):
    """The file from the page cache into a buffer that stays in L2."""
    buffer, offset = bytearray(256 << 10), 0
    began, cpu = time.perf_counter(), time.process_time()
    with open(path, "rb", buffering=0) as file:
        while count := os.preadv(file.fileno(), [buffer], offset):
            offset += count
    return {"seconds": time.perf_counter() - began, "cpuSeconds": time.process_time() - cpu}


def codec(dump, base):
    """What a compressed dump takes longer than the uncompressed one, against the codec's own library on the same pages, which `dloss-codecs` times."""

    def measure(bench):
        _, file = bench.data.files[dump]
        try:
            ctypes.CDLL(LIBRARIES[file.codec])
        except OSError:
            raise Skipped(f"{LIBRARIES[file.codec]} is not installed") from None
        bench.warm(dump)
        bench.warm(base)
        if bench.mean(dump) != bench.mean(base):
            raise ServerError(f"{dump} has the mean {bench.mean(dump)!r}, {base} {bench.mean(base)!r}")
        before = bench.decompress(dump)
        plain, compressed = bench.clock.alternate(lambda: bench.evaluate(base), lambda: bench.evaluate(dump))
        alone = [before, bench.decompress(dump)]
        surplus = median(compressed) - median(plain)
        library = statistics.mean(one["librarySeconds"] for one in alone)
        return {
            # No surplus at all is as good as any; a ratio needs some.
            "ratio": library / max(surplus, 1e-4),
            "ours": {"seconds": surplus, "compressed": side(compressed), "plain": side(plain)},
            "theirs": {"seconds": library, "name": alone[0]["library"], "samples": alone},
        }

    return measure


def narrow(dump, base):
    def measure(bench):
        bench.warm(dump)
        bench.warm(base)
        mine, theirs = bench.clock.alternate(lambda: bench.evaluate(dump), lambda: bench.evaluate(base))
        return {"ratio": median(theirs) / median(mine), "ours": side(mine, mean=mine[-1]["mean"]), "theirs": side(theirs, name=base)}

    return measure


def two_workers(dump):
    """Beside it what this machine gives to two of anything: two processes of ours, and two C loops, each with its own copy of the logits, against one."""

    def measure(bench):
        if (os.cpu_count() or 1) < 2:
            raise Skipped("the machine has one processor")
        shape, file = bench.data.files[dump]
        bench.warm(dump)
        bench.warm(dump, workers=2)
        with bench.start_ours() as second:
            request = bench.request(dump)
            bench.clock.warm(lambda: second.ask(**request))
            mine, theirs, pairs = bench.clock.alternate(
                lambda: bench.evaluate(dump, workers=2), lambda: bench.evaluate(dump), lambda: together(bench.ours, second, request)
            )
        result = {"ratio": median(theirs) / median(mine), "ours": side(mine), "theirs": side(theirs, name="1 worker")}
        result["twoProcesses"] = {"ratio": 2 * median(theirs) / median(pairs), "pairs": side(pairs), "one": side(theirs)}
        # The loop runs on a shape, not on a file: once is enough.
        if bench.peers.gcc and shape.files[0].name == dump:
            with bench.start_loop(shape) as a, bench.start_loop(shape) as b:
                alone, pairs = bench.clock.alternate(lambda: a.ask(op="run"), lambda: together(a, b, {"op": "run"}))
            result["twoLoops"] = {"ratio": 2 * median(alone) / median(pairs), "pairs": side(pairs), "one": side(alone)}
        return result

    return measure


def together(a, b, request):
    """Two servers at once: the time until both have answered."""
    for server in (a, b):
        server.begin(**request)
    return {"seconds": max(server.finish()["seconds"] for server in (a, b))}


def start_up(bench):
    """Whole processes: `dloss evaluate` on 1,000 rows of 10 classes, against a program that returns 0, published in the same way."""
    dloss, empty = bench.published("src/DistributedLoss.Cli", "dloss"), bench.published("benchmarks/peers/empty", "empty")
    file = os.path.join(bench.folder, "thousand.parquet")
    own.whole_process(dloss, "generate", file, "--rows", "1000", "--classes", "10", "--force")
    command = [dloss, "evaluate", file, "--format", "json", "--workers", "1"]
    mine, theirs = bench.clock.alternate(lambda: own.whole_process(*command), lambda: own.whole_process(empty))
    return {"ratio": median(mine) / median(theirs), "ours": side(mine), "theirs": side(theirs, name="an empty program")}


def process(dump):
    """A whole `dloss evaluate` process, with .NET's start, the command line and the output, against the same evaluation in a warm process."""

    def measure(bench):
        dloss = bench.published("src/DistributedLoss.Cli", "dloss")
        _, file = bench.data.files[dump]
        flat = ["--logits-prefix", file.prefix] if file.prefix else []
        command = [dloss, "evaluate", bench.data.path(dump), *flat, "--format", "json", "--workers", "1"]
        bench.warm(dump)
        mine, theirs = bench.clock.alternate(lambda: own.whole_process(*command), lambda: bench.evaluate(dump))
        if json.loads(mine[-1]["output"])["digest"] != theirs[-1]["digest"]:
            raise ServerError(f"dloss evaluate gives {dump} another digest")
        return {"ratio": median(mine) / median(theirs), "ours": side(mine), "theirs": side(theirs, name="warm process")}

    return measure


TABLE = (
    Line("img-torch-f32", "img_none", "PyTorch float32 in RAM, its best formulation", 1.5, torch("img_none", "float32")),
    Line("img-torch-f64", "img_none", "PyTorch float64 in RAM, converted in chunks", 3.5, torch("img_none", "float64")),
    Line("img-sql", "img_none", "DuckDB, its fastest query of any kind", 14, duckdb("img_none")),
    Line("img-lengths", "img_none", "DuckDB only counting list lengths", 4, list_lengths("img_none")),
    Line("small-torch-f32", "small_list_none", "PyTorch float32 in RAM, its best formulation", 2, torch("small_list_none", "float32")),
    Line("small-sql", "small_list_none", "DuckDB, its fastest query of any kind", 7.5, duckdb("small_list_none")),
    Line("flat-sql", "small_flat_none", "DuckDB, its fastest query of any kind", 6, duckdb("small_flat_none")),
    Line("flat-polars", "small_flat_none", "Polars, its fastest expression of any kind", 6, polars("small_flat_none")),
    Line("llm-torch-f32", "llm_none", "PyTorch float32 in RAM, its best formulation", 1.5, torch("llm_none", "float32")),
    Line("llm-sql", "llm_none", "DuckDB, its fastest query of any kind", 24, duckdb("llm_none")),
    *(Line(f"codec-{dump}", dump, "the codec's own decompression, for what it takes longer than img_none", 1, codec(dump, "img_none")) for dump in ("img_zstd", "img_v2_zstd", "img_lz4", "img_snappy")),
    Line("float16", "img_f16", "our own img_none, logits a second", 0.9, narrow("img_f16", "img_none")),
    Line("bfloat16", "img_bf16", "our own img_none, logits a second", 0.9, narrow("img_bf16", "img_none")),
    *(
        Line(f"workers-{dump}", dump, "2 workers against 1", 1.85, two_workers(dump))
        for dump in ("img_none", "small_list_none", "small_flat_none", "llm_none", "img_zstd", "img_v2_zstd", "img_lz4", "img_snappy", "img_f16", "img_bf16")
    ),
    Line("start-up", "1,000 rows", "whole `dloss evaluate` process against an empty .NET program", 3, start_up, ceiling=True),
    *(Line(f"process-{dump}", dump, "whole `dloss evaluate` process against the same in a warm one", None, process(dump), ceiling=True) for dump in ("img_none", "small_list_none", "small_flat_none", "llm_none")),
    Line("loop", "img_none", "the plain float32 C loop on the same logits in RAM (the moonshot)", 1, loop("img_none")),
)
