"""Writes comparison.json: logits of two models over the same rows, and what is to be said of them: losses and divergences by mpmath with 50 digits, tests by SciPy.
Run: python3 comparison.py > comparison.json"""
import json

import mpmath
import numpy as np
from scipy import stats

mpmath.mp.dps = 50
rng = np.random.default_rng(20261121)


def log_softmax(row):
    row = [mpmath.mpf(float(z)) for z in row]
    top = max(row)
    total = mpmath.log(mpmath.fsum(mpmath.exp(z - top) for z in row)) + top
    return [z - total for z in row]


def divergence(p, q):
    return mpmath.fsum(mpmath.exp(a) * (a - b) for a, b in zip(p, q) if a != -mpmath.inf)


def figures(a, b):
    d = b - a
    figures = {"pairs": len(d), "lossA": float(np.mean(a)), "lossB": float(np.mean(b)), "difference": float(np.mean(d)) if len(d) else None}
    figures["standardError"] = float(stats.sem(d)) if len(d) > 1 else None
    return figures


def case(n, classes, spread, masked=False, scale=1.0):
    first = rng.normal(0, 2, (n, classes))
    second = first + rng.normal(0, spread, (n, classes))
    if masked:
        # Both mask a class; the first alone another.
        first[3, 1] = second[3, 1] = -np.inf
        first[5, 2] = -np.inf
    second[0] = first[0]
    first, second = first * scale, second * scale
    labels = rng.integers(0, classes, n)
    labels[3], labels[5] = 0, 0
    kinds = rng.integers(0, 3, n)
    logs = [[log_softmax(row) for row in side] for side in (first, second)]
    losses = [np.array([float(-logs[s][i][labels[i]]) for i in range(n)]) for s in (0, 1)]
    d = losses[1] - losses[0]
    predicted = [side.argmax(1) for side in (first, second)]
    right = [p == labels for p in predicted]
    test = stats.ttest_rel(losses[1], losses[0])
    better, worse = int((d < 0).sum()), int((d > 0).sum())
    only_a, only_b = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    moved = d[d != 0]
    order = np.argsort(-d, kind="stable")
    return {
        "logitsA": [[str(z) for z in row] for row in first.tolist()],
        "logitsB": [[str(z) for z in row] for row in second.tolist()],
        "labels": labels.tolist(),
        "kinds": kinds.tolist(),
        "total": figures(*losses),
        "t": float(test.statistic),
        "pairedT": float(test.pvalue),
        "better": better,
        "worse": worse,
        "sign": float(stats.binomtest(better, better + worse).pvalue),
        "permutation": float(stats.permutation_test((moved,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False).pvalue) if len(moved) <= 13 else None,
        "onlyARight": only_a,
        "onlyBRight": only_b,
        "mcNemar": float(stats.binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0,
        "agreement": float((predicted[0] == predicted[1]).mean()),
        "divergence": float(mpmath.fsum(divergence(p, q) for p, q in zip(*logs)) / n),
        "perClass": [figures(losses[0][labels == c], losses[1][labels == c]) if (labels == c).any() else None for c in range(classes)],
        "perKind": [figures(losses[0][kinds == k], losses[1][kinds == k]) for k in range(3)],
        "worst": [int(i) for i in order[:3]],
        "best": [int(i) for i in order[::-1][:3]],
    }


cases = [case(12, 3, 1.0), case(60, 5, 0.5, masked=True), case(40, 70, 0.01), case(30, 130, 2.0), case(13, 4, 1e-9), case(14, 3, 1.0, scale=30.0)]
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
