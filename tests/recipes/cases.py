"""What each recipe is given, and what must come of it. Expected losses are PyTorch's in float64, of the values as the recipe stores them."""
import json
import math
import subprocess
from collections import namedtuple

import numpy as np

ROWS, CLASSES, FEATURES = 500, 12, 8
TOLERANCE = 1e-13

# begin(scope) puts into the recipe's scope what its text takes for granted; check(scope) says what was compared, or raises.
Case = namedtuple("Case", "begin check")


def dloss(*arguments):
    """The result of a dloss command, which must succeed; of evaluate, as JSON."""
    options = ["--format", "json"] if arguments[0] == "evaluate" else []
    done = subprocess.run(["dloss", *arguments, *options], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"dloss {' '.join(arguments)}: exit code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout) if options else done.stdout


def close(actual, expected, what):
    if not abs(actual - expected) <= TOLERANCE * abs(expected):
        raise AssertionError(f"{what}: {actual}, expected {expected}")
    return f"{what} {actual} = {expected}"


def torch_model(scope):
    import torch

    torch.manual_seed(1)
    scope["model"] = torch.nn.Linear(FEATURES, CLASSES)
    scope["x"] = 3 * torch.randn(ROWS, FEATURES)
    scope["y"] = torch.randint(CLASSES, (ROWS,))
    scope["y"][::50] = -100
    scope["loader"] = [(scope["x"][i:i + 64], scope["y"][i:i + 64]) for i in range(0, ROWS, 64)]


def torch_loss(of):
    """Of the logits as a dtype holds them."""
    def check(scope):
        import torch

        # Batch by batch, as the loader has them: a matrix product's last bits may go by its size.
        parts = scope["loader"] if scope.get("writer") else [(scope["x"], scope["y"])]
        with torch.inference_mode():
            logits = torch.cat([of(scope["model"](x)).double() for x, _ in parts])
        y = torch.cat([y for _, y in parts])
        if scope["result"]["rows"]["ignored"] != int((y == -100).sum()):
            raise AssertionError(f"rows: {scope['result']['rows']}")
        return close(scope["result"]["loss"]["mean"], float(torch.nn.functional.cross_entropy(logits, y)), "PyTorch's mean loss")

    return check


def language_batch(scope):
    import torch

    torch.manual_seed(2)
    batch, length, vocabulary = 6, 20, 31
    scope["logits"] = 4 * torch.randn(batch, length, vocabulary)
    scope["tokens"] = torch.randint(vocabulary, (batch, length))
    # A prompt of three tokens has no loss.
    scope["tokens"][:, 1:3] = -100
    scope["lengths"] = [20, 7, 13, 5, 20, 2]


def language_loss(scope):
    import torch

    logits, tokens, lengths = scope["logits"], scope["tokens"], scope["lengths"]
    z = torch.cat([logits[i, :n - 1] for i, n in enumerate(lengths)]).double()
    y = torch.cat([tokens[i, 1:n] for i, n in enumerate(lengths)])
    if scope["result"]["sequences"] != len(lengths) or scope["result"]["rows"]["total"] != len(y):
        raise AssertionError(f"{scope['result']['sequences']} sequences, rows {scope['result']['rows']}")
    return close(scope["result"]["loss"]["mean"], float(torch.nn.functional.cross_entropy(z, y)), "PyTorch's mean loss")


def numpy_arrays(scope):
    random = np.random.default_rng(3)
    scope["logits"] = random.normal(size=(ROWS, CLASSES), scale=3).astype(np.float32)
    scope["labels"] = random.integers(CLASSES, size=ROWS)


def row_losses(scope):
    z = scope["logits"].astype(np.float64)
    greatest = z.max(axis=1)
    return np.log(np.exp(z - greatest[:, None]).sum(axis=1)) + greatest - z[np.arange(ROWS), scope["labels"]]


def numpy_loss(scope):
    return close(scope["result"]["loss"]["mean"], math.fsum(row_losses(scope)) / ROWS, "NumPy's mean loss")


def evaluated(scope):
    """A dump, its result and its losses, as the page says that they are made."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numpy_arrays(scope)
    rows = pa.FixedSizeListArray.from_arrays(pa.array(scope["logits"].reshape(-1)), CLASSES)
    pq.write_table(pa.table({"logits": rows, "label": scope["labels"]}), "dump.parquet")
    scope["result"] = dloss("evaluate", "dump.parquet", "--output", "result.json", "--losses", "losses.parquet")
    scope["expected"] = row_losses(scope)


def read_with_duckdb(scope):
    """pandas reads Parquet with pyarrow, or, where that is the stand-in, with DuckDB."""
    import pandas as pd

    evaluated(scope)
    import pyarrow

    if not hasattr(pyarrow, "__version__"):
        from pathlib import Path

        query = str(Path(__file__).resolve().parent / "node/query.js")
        pd.read_parquet = lambda path: pd.DataFrame(json.loads(subprocess.run(
            ["node", query], input=f"SELECT * FROM '{path}'", text=True, capture_output=True, check=True).stdout))


def pandas_result(scope):
    classes = scope["classes"]
    if len(classes) != CLASSES or str(scope["result"]["loss"]["mean"]) not in scope["output"]:
        raise AssertionError(scope["output"])
    return close(float((classes["lossMean"] * classes["count"]).sum()) / ROWS, math.fsum(scope["expected"]) / ROWS, "the classes' mean")


def pandas_losses(scope):
    if len(scope["losses"]) != ROWS:
        raise AssertionError(scope["output"])
    return close(float(scope["losses"].loss.max()), float(scope["expected"].max()), "the largest loss")


def duckdb_losses(scope):
    rows = json.loads(scope["rows"])
    if [r["label"] for r in rows] != sorted(range(CLASSES), key=lambda c: -scope["expected"][scope["labels"] == c].mean()):
        raise AssertionError(scope["rows"])
    return close(sum(r["rows"] * r["mean_loss"] for r in rows) / ROWS, math.fsum(scope["expected"]) / ROWS, "the classes' mean")


def duckdb_join(scope):
    rows, hardest = json.loads(scope["rows"]), np.argsort(-scope["expected"])[:10]
    if [r["label"] for r in rows] != [int(scope["labels"][i]) for i in hardest]:
        raise AssertionError(scope["rows"])
    return close(rows[0]["loss"], float(scope["expected"].max()), "the largest loss")


def duckdb_result(scope):
    row, = json.loads(scope["rows"])
    if row["digest"] != scope["result"]["digest"]:
        raise AssertionError(scope["rows"])
    return close(row["mean"], math.fsum(scope["expected"]) / ROWS, "the mean")


def bfloat16(logits):
    import torch

    return logits.to(torch.bfloat16)


CASES = {
    "readme": Case(torch_model, torch_loss(lambda z: z.float())),
    "torch-list": Case(torch_model, torch_loss(lambda z: z.float())),
    "torch-batches": Case(torch_model, torch_loss(lambda z: z.float())),
    "torch-float16": Case(torch_model, torch_loss(lambda z: z.half())),
    "torch-bfloat16": Case(torch_model, torch_loss(bfloat16)),
    "language-model": Case(language_batch, language_loss),
    "numpy": Case(numpy_arrays, numpy_loss),
    "numpy-flat": Case(numpy_arrays, numpy_loss),
    "pandas-result": Case(evaluated, pandas_result),
    "pandas-losses": Case(read_with_duckdb, pandas_losses),
    "duckdb-losses": Case(evaluated, duckdb_losses),
    "duckdb-join": Case(evaluated, duckdb_join),
    "duckdb-result": Case(evaluated, duckdb_result),
}
