#!/usr/bin/python3
"""Writes soft_targets.json: F.cross_entropy with class probabilities as targets, and F.kl_div, in float64 (Debian's python3-torch, python3-mpmath).

For each row: the values (a draw a class; of counts one more), the target's counts, one draw for the sample weight; then one draw a class for the class
weights. SoftTargetCase.cs does the same. With log-probs and probs the loss is what F.cross_entropy does behind its log_softmax: -sum w t log q.

Figures are those of 50 digits with 0 log 0 = 0, and PyTorch's are held against them here. Where a target of 0 meets a log-probability of -inf, PyTorch
multiplies 0 by -inf and has NaN; such cases have torchIsNaN = 1. A class weight of 0 on an infinite loss is NaN in both.
klSum and klMean are of the targets themselves and the distribution of logits / temperature, without class weights and smoothing, as F.kl_div's "sum" and
"batchmean"; klMean with sample weights is their weighted mean. correct counts rows whose values and target have their (first) largest entry at one class.
"""
import math
import random
import numpy
import torch
from generated import UNITS, agree, counts, draws, log_probability, logits, weight, weighted_mean, write
from mpmath import mp, mpf
from torch.nn import functional as F


def values(case, draw):
    if case["input"] == "logits":
        return logits(case, draw, case["classes"])
    p = [k / UNITS for k in counts(case["kind"], draw, case["classes"])]
    return p if case["input"] == "probs" else [log_probability(x) for x in p]


def log_q(case, v):
    if case["input"] == "probs":
        return [mp.log(x) if x > 0 else mpf("-inf") for x in map(mpf, v)]
    if case["input"] == "log-probs":
        return [mpf(x) for x in v]
    z = [mpf(x / case["temperature"]) for x in v]
    top = max(z)
    rest = z.index(top)
    lse = mp.log1p(mp.fsum(mp.exp(x - top) for i, x in enumerate(z) if i != rest and x != -math.inf))
    return [x - top - lse for x in z]


def times(t, log):
    return mpf(0) if t == 0 else -t * log


def row_loss(case, t, logs, w):
    e = mpf(case["smoothing"])
    terms = [times((1 - e) * mpf(a) + e / case["classes"], l) for a, l in zip(t, logs)]
    return mp.fsum(a if b is None else mpf("nan") if b == 0 and mp.isinf(a) else a * mpf(b) for a, b in zip(terms, w))


def row_kl(t, logs):
    return mp.fsum(mpf(0) if a == 0 else mpf(a) * (mp.log(mpf(a)) - l) for a, l in zip(t, logs))


def data(case):
    """Values, targets, sample weights and class weights."""
    draw = draws(case["seed"])
    n, classes = case["rows"], case["classes"]
    v, t, s = [], [], []
    for _ in range(n):
        v.append(values(case, draw))
        t.append([k / UNITS for k in counts(case["targets"], draw, classes)])
        s.append(weight(case["sampleWeights"], next(draw)))
    w = [weight(case["classWeights"], next(draw)) for _ in range(classes)] if case["classWeights"] != "none" else [None] * classes
    return v, t, s, w


def tensors(case, v, t, w):
    """Logits if these they are, log-probabilities, targets and class weights as PyTorch takes them."""
    z, target = (torch.tensor(x, dtype=torch.float64).reshape(case["rows"], case["classes"]) for x in (v, t))
    cw = None if w[0] is None else torch.tensor(w, dtype=torch.float64)
    logits_or_none = z / case["temperature"] if case["input"] == "logits" else None
    lp = F.log_softmax(logits_or_none, 1) if logits_or_none is not None else torch.log(z) if case["input"] == "probs" else z
    return logits_or_none, lp, target, cw


def golden(case):
    n = case["rows"]
    v, t, s, w = data(case)
    logs = [log_q(case, row) for row in v]
    losses = [row_loss(case, a, b, w) for a, b in zip(t, logs)]
    kls = [row_kl(a, b) for a, b in zip(t, logs)]
    correct = sum(int(numpy.argmax(numpy.array(a) / case["temperature"]) == numpy.argmax(b)) for a, b in zip(v, t))

    logits_or_none, lp, target, cw = tensors(case, v, t, w)

    def torch_loss(reduction):
        if logits_or_none is not None:
            return F.cross_entropy(logits_or_none, target, weight=cw, reduction=reduction, label_smoothing=case["smoothing"])
        total = -(lp * target * (1.0 if cw is None else cw)).sum()
        return total if reduction == "sum" else total / n

    total = float(mp.fsum(losses))
    sizes = max([1.0] + [abs(x) for row in v for x in row if math.isfinite(x)])
    undefined = n > 0 and math.isnan(torch_loss("sum").item()) and not math.isnan(total)
    assert not undefined or any(a == 0 and b == -math.inf for x, y in zip(t, logs) for a, b in zip(x, y)), case
    if n > 0 and not undefined:
        agree(case, "sum", total, torch_loss("sum").item(), n * sizes)
        agree(case, "mean", float(mp.fsum(losses) / n), torch_loss("mean").item(), sizes)
    kl = float(mp.fsum(kls))
    for reduction, ours in (("sum", kl), ("batchmean", kl / n if n else 0)):
        theirs = F.kl_div(lp, target, reduction=reduction).item() if n else 0.0
        if not math.isnan(theirs):
            agree(case, "kl " + reduction, ours, theirs, n * sizes)
    x = [1.0 if a is None else a for a in s]
    part = [float(mpf(a) * b) if a != 0 or mp.isfinite(b) else math.nan for a, b in zip(x, losses)]
    kl_mean = weighted_mean([mpf(a) * b if a != 0 or mp.isfinite(b) else mpf("nan") for a, b in zip(x, kls)], x)[0]
    return *weighted_mean(part, x), kl, kl_mean, correct, int(undefined)


KEYS = ["input", "kind", "scale", "rows", "classes", "targets", "classWeights", "sampleWeights", "smoothing", "temperature", "seed"]


if __name__ == "__main__":
    pick = random.Random(20261122).choice
    cases = []
    while len(cases) < 900:
        is_logits = pick([True, True, True, False])
        kind = pick(["random", "random", "masked", "ties"]) if is_logits else pick(["dense", "dense", "sparse"])
        cases.append(dict(
            input="logits" if is_logits else pick(["log-probs", "probs"]),
            kind=kind,
            scale=pick([0.01, 1, 8, 300, 1e5]) if kind == "random" else 8,
            rows=pick([0, 1, 2, 2, 7, 7, 7, 12, 12, 23]),
            classes=pick([1, 2, 2, 3, 5, 9, 10, 17, 65, 130]),
            targets=pick(["dense", "dense", "sparse", "one-hot"]),
            classWeights=pick(["none", "none", "random", "random", "some", "zero"]),
            sampleWeights=pick(["none", "none", "none", "none", "random", "random", "some", "some", "zero"]),
            smoothing=pick([0, 0, 0.1, 0.3, 1]) if is_logits else 0,
            temperature=pick([1, 1, 1, 0.5, 3.7, 1e3]) if is_logits else 1,
            seed=200_000 + len(cases)))
    write("soft_targets.json", KEYS, cases, golden)
