#!/usr/bin/python3
"""Writes loss_options.json: generated combinations of loss options with PyTorch's float64 results (Debian's python3-torch, python3-mpmath).

A case's data come from SplitMix64 of its seed: for each row one draw a class (logits or counts), one for the label, one for the sample weight; then
one draw a class for the class weights. LossOptionCase in LossOptionCase.cs does the same. Rows' losses are F.cross_entropy or F.nll_loss with
reduction="none"; without sample weights reduction="sum" and "mean" are checked against them here. The standard error is the linearised one of a
ratio of sums, at 50 digits: sqrt(n / (n - 1) sum (x - mean w)^2) / sum w.
"""
import json
import math
import random
import torch
from mpmath import mp, mpf
from torch.nn import functional as F

mp.dps = 50
MASK = (1 << 64) - 1
UNITS = 1 << 20  # probabilities are counts of 2^-20


def draws(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def unit(x):
    return (x >> 11) * 2.0 ** -53


def logit(case, x):
    if case["kind"] == "masked" and x & 3 == 0:
        return -math.inf
    if case["kind"] == "ties":
        return float(x % 3)
    return (2 * unit(x) - 1) * case["scale"]


def values(case, draw):
    classes = case["classes"]
    if case["input"] == "logits":
        row = [logit(case, next(draw)) for _ in range(classes)]
        # A row of nothing but -inf has no loss.
        return [0.0] + row[1:] if max(row) == -math.inf else row
    counts, left = [], UNITS
    for c in range(classes):
        x = next(draw)
        counts.append(left if c == classes - 1 else x % (left + 1))
        left -= counts[-1]
    p = [k / UNITS for k in counts]
    return p if case["input"] == "probs" else [math.log(x) if x > 0 else -math.inf for x in p]


def label(case, x):
    if case["labels"] == "ignored" or (case["labels"] == "some" and x % 4 == 0):
        return case["ignoreIndex"]
    return (x >> 8) % case["classes"]


def weight(mode, x):
    return None if mode == "none" else 0.0 if mode == "zero" or (mode == "some" and x % 3 == 0) else 3 * unit(x)


def number(x):
    return x if x is None or math.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN")


def golden(case):
    draw = draws(case["seed"])
    rows = []
    for _ in range(case["rows"]):
        v = values(case, draw)
        rows.append((v, label(case, next(draw)), weight(case["sampleWeights"], next(draw))))
    w = None
    if case["classWeights"] != "none":
        w = torch.tensor([weight(case["classWeights"], next(draw)) for _ in range(case["classes"])], dtype=torch.float64)
    z = torch.tensor([r[0] for r in rows], dtype=torch.float64).reshape(len(rows), case["classes"])
    y = torch.tensor([r[1] for r in rows], dtype=torch.int64)
    kept = y != case["ignoreIndex"]

    def torch_loss(reduction):
        if case["input"] == "logits":
            return F.cross_entropy(z / case["temperature"], y, weight=w, ignore_index=case["ignoreIndex"], reduction=reduction, label_smoothing=case["smoothing"])
        return F.nll_loss(torch.log(z) if case["input"] == "probs" else z, y, weight=w, ignore_index=case["ignoreIndex"], reduction=reduction)

    none = torch_loss("none")[kept].tolist() if rows else []
    s = [r[2] if r[2] is not None else 1.0 for r, k in zip(rows, kept.tolist()) if k]
    own = [1.0 if w is None else w[t].item() for t in y[kept].tolist()]
    parts = [a * b for a, b in zip(s, none)]
    weights = [a * b for a, b in zip(s, own)]
    total, below = sum(map(mpf, parts)) if parts else mpf(0), sum(map(mpf, weights)) if weights else mpf(0)
    mean = None if below == 0 else float(total / below)
    if case["sampleWeights"] == "none" and parts:
        for reduction, ours in (("sum", float(total)), ("mean", mean)):
            theirs = torch_loss(reduction).item()
            # 0 / 0 is NaN there and no mean here.
            assert ours is None or (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=1e-12), (case, reduction, ours, theirs)
    error = None
    n = sum(a != 0 or b != 0 for a, b in zip(parts, weights))
    if mean is not None and n > 1:
        # The fraction under the root is rounded to float64, where it may overflow, and then the root.
        error = math.sqrt(float(mpf(n) / (n - 1) * sum((mpf(x) - total / below * b) ** 2 for x, b in zip(parts, weights)) / below ** 2)) if all(
            map(math.isfinite, parts)) else math.nan
    return [case[k] for k in KEYS] + [number(v) for v in (mean, float(total), float(below), error)] + [len(none)]


KEYS = ["input", "kind", "scale", "rows", "classes", "labels", "ignoreIndex", "classWeights", "sampleWeights", "smoothing", "temperature", "seed"]
pick = random.Random(20261121).choice
cases = []
while len(cases) < 2000:
    classes = pick([1, 2, 3, 5, 8, 9, 17, 33, 100])
    logits = pick([True, True, True, False])
    kind = pick(["random", "random", "masked", "ties"]) if logits else "random"
    cases.append(dict(
        input="logits" if logits else pick(["log-probs", "probs"]),
        kind=kind,
        scale=pick([0.01, 1, 8, 300, 1e5, 1e300]) if kind == "random" else 8,
        rows=pick([0, 1, 2, 7, 7, 12, 12, 23, 23, 23]),
        classes=classes,
        labels=pick(["classes", "classes", "some", "some", "some", "some", "some", "some", "ignored"]),
        ignoreIndex=pick([-100, -100, 0, classes - 1, 1000]),
        classWeights=pick(["none", "none", "random", "random", "random", "some", "some", "zero"]),
        sampleWeights=pick(["none", "none", "none", "random", "random", "some", "zero"]),
        smoothing=pick([0, 0.0, 0.1, 0.3, 1]) if logits else 0,
        temperature=pick([1, 1, 0.5, 3.7, 1e-3, 1e7]) if logits else 1,
        seed=len(cases) + 1))
with open("loss_options.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(golden(c), separators=(",", ":")) for c in cases) + "\n]\n")
