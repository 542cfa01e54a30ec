#!/usr/bin/python3
"""Writes binary.json: F.binary_cross_entropy_with_logits and F.binary_cross_entropy in float64 (Debian's python3-torch, python3-mpmath).

For each row: K values (one draw each), K targets (one draw each), one draw for the sample weight; then K draws for weight and K for pos_weight, where the
case has them. BinaryCase.cs does the same. A sample weight multiplies its row's K losses and their share of the denominator, which is else N K.

Figures are those of 50 digits with 0 log 0 = 0, and PyTorch's are held against them here. F.binary_cross_entropy clamps logarithms at -100; where that
shows (kind "edge": p = 0 with a target above 0, or p = 1 with one below 1) the true loss is infinite, and torchClamps = 1.
correct counts elements with target 0 or 1 on their target's side: 1 is predicted for a logit above 0, a p above 1/2.
"""
import math
import random
import torch
from generated import UNITS, agree, draws, logit, weight, weighted_mean, write
from mpmath import mp, mpf
from torch.nn import functional as F


def value(case, x):
    if case["input"] == "binary-logits":
        return logit(case, x) - (1 if case["kind"] == "ties" else 0)  # -1, 0, 1
    if case["kind"] == "edge" and x & 3 == 0:
        return float(x >> 2 & 1)
    return (1 + (x >> 8) % (UNITS - 1)) / UNITS


def target(case, x):
    if case["targets"] == "hard" or (case["targets"] == "mixed" and x & 1):
        return float(x >> 1 & 1)
    return (x >> 8) % (UNITS + 1) / UNITS


def times(t, loss):
    return mpf(0) if t == 0 else t * loss


def losses(case, v):
    """-log of the probability of 1 and of 0."""
    if case["input"] == "binary-probs":
        p = mpf(v)
        return tuple(-mp.log(a) if a > 0 else mpf("inf") for a in (p, 1 - p))
    z = mpf(v / case["temperature"])
    rest = mp.log1p(mp.exp(-abs(z)))
    return rest + max(-z, 0), rest + max(z, 0)


def weights(case, draw):
    def of(mode):
        return [weight(mode, next(draw)) for _ in range(case["classes"])] if mode != "none" else None
    return of(case["weights"]), of(case["posWeights"])


def data(case):
    """Values, targets, sample weights, weights and weights of positive targets."""
    draw = draws(case["seed"])
    n, k = case["rows"], case["classes"]
    v, t, s = [], [], []
    for _ in range(n):
        v.append([value(case, next(draw)) for _ in range(k)])
        t.append([target(case, next(draw)) for _ in range(k)])
        s.append(weight(case["sampleWeights"], next(draw)))
    return v, t, s, *weights(case, draw)


def element_losses(case, v, t, w, pos):
    def loss(i, j):
        one, zero = losses(case, v[i][j])
        x = times(mpf(t[i][j]) * (mpf(pos[j]) if pos else 1), one) + times(1 - mpf(t[i][j]), zero)
        return x if w is None else mpf("nan") if w[j] == 0 and mp.isinf(x) else mpf(w[j]) * x

    return [[loss(i, j) for j in range(case["classes"])] for i in range(case["rows"])]


def torch_losses(case, v, t, w, pos, reduction):
    n, k = case["rows"], case["classes"]
    x, y = (torch.tensor(a, dtype=torch.float64).reshape(n, k) for a in (v, t))
    cw, pw = (None if a is None else torch.tensor(a, dtype=torch.float64) for a in (w, pos))
    if case["input"] == "binary-logits":
        return F.binary_cross_entropy_with_logits(x / case["temperature"], y, weight=cw, pos_weight=pw, reduction=reduction)
    return F.binary_cross_entropy(x, y, weight=None if cw is None else cw.expand(n, k), reduction=reduction)


def golden(case):
    n, k = case["rows"], case["classes"]
    v, t, s, w, pos = data(case)
    ours = element_losses(case, v, t, w, pos)

    def torch_loss(reduction):
        return torch_losses(case, v, t, w, pos, reduction).item()

    total = mp.fsum(a for row in ours for a in row)
    clamps = not mp.isfinite(total)
    assert not clamps or (case["kind"] == "edge" and math.isfinite(torch_loss("sum"))), case
    if n > 0 and not clamps:
        size = max(abs(a) for row in v for a in row)
        agree(case, "sum", float(total), torch_loss("sum"), n * k * size)
        agree(case, "mean", float(total / (n * k)), torch_loss("mean"), size)
    x = [1.0 if s[i] is None else s[i] for i in range(n) for _ in range(k)]
    parts = [float(mpf(a) * b) if a != 0 or mp.isfinite(b) else math.nan for a, b in zip(x, (b for row in ours for b in row))]
    middle = 0 if case["input"] == "binary-logits" else 0.5
    correct = sum((a > middle) == (b == 1) for p, q in zip(v, t) for a, b in zip(p, q)) if case["targets"] == "hard" else None
    return *weighted_mean(parts, x), correct, int(clamps)


KEYS = ["input", "kind", "scale", "rows", "classes", "targets", "weights", "posWeights", "sampleWeights", "temperature", "seed"]


if __name__ == "__main__":
    pick = random.Random(20261123).choice
    cases = []
    while len(cases) < 700:
        is_logits = pick([True, True, False])
        kind = pick(["random", "random", "random", "ties"]) if is_logits else pick(["random", "random", "edge"])
        cases.append(dict(
            input="binary-logits" if is_logits else "binary-probs",
            kind=kind,
            scale=pick([0.01, 1, 8, 300, 1e4, 1e300]) if kind == "random" else 8,
            rows=pick([0, 1, 2, 2, 7, 7, 7, 12, 12, 23]),
            classes=pick([1, 1, 1, 2, 3, 10, 65, 130]),
            targets=pick(["hard", "hard", "soft", "mixed"]),
            weights=pick(["none", "none", "random", "random", "some", "zero"]),
            posWeights=pick(["none", "random", "some", "zero"]) if is_logits else "none",
            sampleWeights=pick(["none", "none", "none", "none", "random", "random", "some", "some", "zero"]),
            temperature=pick([1, 1, 1, 0.5, 3.7]) if is_logits else 1,
            seed=300_000 + len(cases)))
    write("binary.json", KEYS, cases, golden)
