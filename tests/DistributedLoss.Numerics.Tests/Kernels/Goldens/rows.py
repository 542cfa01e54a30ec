#!/usr/bin/python3
"""Writes rows.json: losses of generated rows, from mpmath at 50 digits and from PyTorch in float64.

A row is made by SplitMix64 from its seed, one draw a class, in class order; GoldenRow.Logits in RowGoldenTests.cs
does the same. loss + rest is the exact loss to about 32 digits; torch is F.cross_entropy(reduction="none") of
the same logits in float64.
"""
import json
import math
import numpy
import torch
from mpmath import mp, mpf

mp.dps = 50
MASK = (1 << 64) - 1
CLASSES = [1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000]


def draws(seed, n):
    state = seed
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def logits(kind, scale, classes, label, seed):
    row = []
    for c, x in enumerate(draws(seed, classes)):
        z = ((x >> 11) * 2.0 ** -52 - 1) * scale
        if kind == "ties":
            z = float(x % 3)
        elif kind == "masked" and x & 1 and c != label:
            z = -math.inf
        elif kind == "confident":
            z = z + (scale * 3 if c == label else 0)
        elif kind == "certain" and c == label:
            z = 692.0
        elif kind == "float32":
            z = float(numpy.float32(z))
        row.append(z)
    return row


def golden(kind, scale, classes, label, seed):
    row = logits(kind, scale, classes, label, seed)
    top = max(row)
    total = mp.fsum(mp.exp(mpf(z) - mpf(top)) for i, z in enumerate(row) if i != row.index(top) and z != -math.inf)
    exact = mp.log1p(total) + (mpf(top) - mpf(row[label]))  # the bracket first: a tiny loss would drown beside top
    loss = float(exact)
    rest = float(exact - mpf(loss)) if math.isfinite(loss) else 0.0
    t = torch.nn.functional.cross_entropy(torch.tensor([row], dtype=torch.float64), torch.tensor([label]), reduction="none").item()
    rank = 1 + sum(z > row[label] for z in row) + sum(z == row[label] for z in row[:label])
    number = lambda x: x if math.isfinite(x) else str(x)
    return dict(kind=kind, scale=scale, classes=classes, label=label, seed=str(seed), loss=number(loss), rest=rest,
                torch=number(t), predicted=row.index(top), rank=rank)


def main():
    rows, seed = [], 1
    for classes in CLASSES:
        cases = [("random", s) for s in (0.01, 1, 5, 30, 300, 1e4, 8e307)] + [("float32", s) for s in (1, 8)]
        cases += [("ties", 1), ("masked", 5), ("confident", 20), ("confident", 230), ("certain", 1)]
        for kind, scale in cases:
            for label in sorted({0, classes // 2, classes - 1}) if kind in ("ties", "random") and classes < 100 else [classes // 3]:
                rows.append(golden(kind, scale, classes, label, seed))
                seed += 1
    for kind, scale in (("random", 1), ("random", 8), ("float32", 4), ("confident", 15), ("masked", 400), ("random", 1e-3)):
        rows.append(golden(kind, scale, 50257, 33333, seed))
        seed += 1
    with open("rows.json", "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
    print(len(rows))


if __name__ == "__main__":
    main()
