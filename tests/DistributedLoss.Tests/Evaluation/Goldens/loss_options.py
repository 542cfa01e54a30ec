#!/usr/bin/python3
"""Writes loss_options.json and nll_loss.json: generated combinations of loss options with PyTorch's float64 results (Debian's python3-torch, python3-mpmath).

For each row one draw a class (logits or counts), one for the label, one for the sample weight; then one draw a class for the class weights.
LossOptionCase.cs does the same. Rows' losses are F.cross_entropy or F.nll_loss with reduction="none"; without sample weights reduction="sum" and "mean"
are checked against them here.
"""
import math
import random
import torch
from generated import UNITS, draws, logits, weight, weighted_mean, write
from torch.nn import functional as F


def values(case, draw):
    classes = case["classes"]
    if case["input"] == "logits":
        return logits(case, draw, classes)
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


def data(case):
    """Rows of values, label and sample weight, and the class weights."""
    draw = draws(case["seed"])
    rows = []
    for _ in range(case["rows"]):
        v = values(case, draw)
        rows.append((v, label(case, next(draw)), weight(case["sampleWeights"], next(draw))))
    return rows, None if case["classWeights"] == "none" else [weight(case["classWeights"], next(draw)) for _ in range(case["classes"])]


def torch_losses(case, rows, class_weights, reduction):
    w = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float64)
    z = torch.tensor([r[0] for r in rows], dtype=torch.float64).reshape(len(rows), case["classes"])
    y = torch.tensor([r[1] for r in rows], dtype=torch.int64)
    if case["input"] == "logits":
        return F.cross_entropy(z / case["temperature"], y, weight=w, ignore_index=case["ignoreIndex"], reduction=reduction, label_smoothing=case["smoothing"])
    return F.nll_loss(torch.log(z) if case["input"] == "probs" else z, y, weight=w, ignore_index=case["ignoreIndex"], reduction=reduction)


def golden(case):
    rows, w = data(case)
    y = torch.tensor([r[1] for r in rows], dtype=torch.int64)
    kept = y != case["ignoreIndex"]

    def torch_loss(reduction):
        return torch_losses(case, rows, w, reduction)

    none = torch_loss("none")[kept].tolist() if rows else []
    s = [r[2] if r[2] is not None else 1.0 for r, k in zip(rows, kept.tolist()) if k]
    own = [1.0 if w is None else w[t] for t in y[kept].tolist()]
    parts = [a * b for a, b in zip(s, none)]
    mean, total, below, error = weighted_mean(parts, [a * b for a, b in zip(s, own)])
    if case["sampleWeights"] == "none" and parts:
        for reduction, ours in (("sum", total), ("mean", mean)):
            theirs = torch_loss(reduction).item()
            # 0 / 0 is NaN there and no mean here.
            assert ours is None or (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=1e-12), (case, reduction, ours, theirs)
    return mean, total, below, error, len(none)


KEYS = ["input", "kind", "scale", "rows", "classes", "labels", "ignoreIndex", "classWeights", "sampleWeights", "smoothing", "temperature", "seed"]
def main():
    pick = random.Random(20261121).choice
    cases = []
    while len(cases) < 2000:
        classes = pick([1, 2, 3, 5, 8, 9, 17, 33, 100])
        is_logits = pick([True, True, True, False])
        kind = pick(["random", "random", "masked", "ties"]) if is_logits else "random"
        cases.append(dict(
            input="logits" if is_logits else pick(["log-probs", "probs"]),
            kind=kind,
            scale=pick([0.01, 1, 8, 300, 1e5, 1e300]) if kind == "random" else 8,
            rows=pick([0, 1, 2, 7, 7, 12, 12, 23, 23, 23]),
            classes=classes,
            labels=pick(["classes", "classes", "some", "some", "some", "some", "some", "some", "ignored"]),
            ignoreIndex=pick([-100, -100, 0, classes - 1, 1000]),
            classWeights=pick(["none", "none", "random", "random", "random", "some", "some", "zero"]),
            sampleWeights=pick(["none", "none", "none", "random", "random", "some", "zero"]),
            smoothing=pick([0, 0.0, 0.1, 0.3, 1]) if is_logits else 0,
            temperature=pick([1, 1, 0.5, 3.7, 1e-3, 1e7]) if is_logits else 1,
            seed=len(cases) + 1))
    write("loss_options.json", KEYS, cases, golden)

    # F.nll_loss alone, at the numbers of classes where kernels and tiles have their edges.
    cases = []
    while len(cases) < 300:
        classes = pick([2, 3, 10, 65, 130])
        cases.append(dict(
            input=pick(["log-probs", "log-probs", "probs"]),
            kind="random",
            scale=1,
            rows=pick([1, 2, 9, 30, 70]),
            classes=classes,
            labels=pick(["classes", "some", "some", "some", "ignored"]),
            ignoreIndex=pick([-100, 0, 1, classes - 1, classes, 1 << 40, -(1 << 63)]),
            classWeights=pick(["none", "random", "random", "some", "zero"]),
            sampleWeights=pick(["none", "none", "none", "random", "some"]),
            smoothing=0,
            temperature=1,
            seed=100_000 + len(cases)))
    write("nll_loss.json", KEYS, cases, golden)


if __name__ == "__main__":
    main()
