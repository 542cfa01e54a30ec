#!/usr/bin/python3
"""Writes probabilities.json, from mpmath at 50 digits.

rows: entropy and Brier score of every row of rows.json, in its order. means: for the rows of each number of classes, the mean probability of
each class. given: rows of log-probabilities and of probabilities, as a file has them, with their entropy and Brier score, p being what the
row says. A figure is the nearest double and what is left of it.
"""
import json
import math
from mpmath import mp, mpf
from rows import logits

mp.dps = 50


def split(exact):
    return [float(exact), float(exact - mpf(float(exact)))]


def softmax(row):
    top = mpf(max(row))
    exps = [mp.exp(mpf(z) - top) if z != -math.inf else mpf(0) for z in row]
    total = mp.fsum(exps)
    return [e / total for e in exps]


def entropy(p):
    return mp.fsum(-x * mp.log(x) for x in p if x != 0)


def brier(p, label):
    return mp.fsum((x - (c == label)) ** 2 for c, x in enumerate(p))


def as_given(kind, classes, scale, label, seed):
    p = softmax(logits("random", scale, classes, label, seed))
    if kind == "probs":
        row = [float(x) for x in p]
        p = [mpf(x) for x in row]
    else:
        row = [float(mp.log(x)) if x != 0 else -math.inf for x in p]
        p = [mp.exp(mpf(x)) if x != -math.inf else mpf(0) for x in row]
    return dict(kind=kind, values=[x if x != -math.inf else "-Infinity" for x in row], label=label, entropy=split(entropy(p)), brier=split(brier(p, label)))


rows, by_classes = [], {}
for row in json.load(open("rows.json")):
    z = logits(row["kind"], row["scale"], row["classes"], row["label"], int(row["seed"]))
    # 1 - p of a certain row is below the 50 digits of p itself; the others' sum is not.
    mp.dps = 700 if row["kind"] in ("certain", "confident") else 50
    p = softmax(z)
    rows.append(dict(entropy=split(entropy(p)), brier=split(brier(p, row["label"]))))
    mp.dps = 50
    by_classes.setdefault(row["classes"], []).append(p)
means = {c: [float(mp.fsum(column) / len(all_p)) for column in zip(*all_p)] for c, all_p in by_classes.items() if c < 200}
given, seed = [], 10_000
for kind in ("logProbs", "probs"):
    for classes in (1, 2, 3, 8, 9, 65):
        for scale in (1, 20, 380):
            for label in {0, classes - 1}:
                seed += 1
                given.append(as_given(kind, classes, scale, label, seed))
with open("probabilities.json", "w") as out:
    json.dump(dict(rows=rows, means=means, given=given), out, indent=None, separators=(",", ":"))
print(len(rows), len(given))
