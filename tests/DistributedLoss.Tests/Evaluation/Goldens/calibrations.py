#!/usr/bin/python3
"""Writes calibrations.json: the temperatures of least loss of generated data, from mpmath at 50 digits and from SciPy in float64.

For each row one draw a class (logits), the draws of a dense distribution t where targets are distributions (8 t is added to the logits), and one for the sample weight; then one draw a class
for the class weights, and for elements one a class for the weights of positive targets. CalibrationCase.cs does the same. Labels, and the targets of elements,
are drawn by Python from the softmax of the logits at a temperature of truth, and are in the file. SciPy's is brentq on the derivative in NumPy's float64.
"""
import math
import random
import numpy
from generated import UNITS, counts, draws, logits, weight, write
from mpmath import findroot, mp, mpf
from scipy.optimize import brentq
from scipy.special import expit, log_softmax, softmax


def data(case):
    draw = draws(case["seed"])
    rows, targets, weights = [], [], []
    for _ in range(case["rows"]):
        rows.append(logits(case, draw, case["classes"]))
        if case["target"] == "targets":
            targets.append([n / UNITS for n in counts("dense", draw, case["classes"])])
            rows[-1] = [z + 8 * t for z, t in zip(rows[-1], targets[-1])]
        weights.append(weight(case["sampleWeights"], next(draw)))
    modes = [case["classWeights"]] * (2 if case["target"] == "elements" else 1)
    drawn = [[1.0] * case["classes"] if m == "none" else [weight(m, next(draw)) for _ in range(case["classes"])] for m in modes]
    return rows, targets, [1.0 if w is None else w for w in weights], drawn[0], drawn[-1]


def label(rows, case, rng):
    labels = []
    for row in rows:
        if case["target"] == "elements":
            labels += [int(rng.random() < 1 / (1 + math.exp(-z / case["truth"]))) for z in row]
        else:
            p = softmax(numpy.array(row) / case["truth"])
            labels.append(int(numpy.searchsorted(numpy.cumsum(p), rng.random() * 0.999999999)))
    return labels


def two_class_rows(case, rows, labels, weights, class_weights, positive):
    """Rows of logits with what each class's loss counts with: an element is two classes, 0 and z. And the denominator of the mean."""
    c_range, e = range(case["classes"]), case["smoothing"]
    if case["target"] == "elements":
        flat = [(z, y, w, c) for r, (row, w) in enumerate(zip(rows, weights)) for c, (z, y) in enumerate(zip(row, labels[r * case["classes"]:(r + 1) * case["classes"]]))]
        return ([[0.0, z] for z, *_ in flat], [[w * class_weights[c] * (1 - y), w * class_weights[c] * positive[c] * y] for z, y, w, c in flat],
                math.fsum(w for *_, w, _ in flat))
    if case["target"] == "targets":
        return rows, [[w * class_weights[c] * (t[c] * (1 - e) + e / case["classes"]) for c in c_range] for t, w in zip(labels, weights)], math.fsum(weights)
    return (rows, [[w * class_weights[c] * ((c == y) * (1 - e) + e / case["classes"]) for c in c_range] for y, w in zip(labels, weights)],
            math.fsum(w * class_weights[y] for y, w in zip(labels, weights)))


def exact_slope(rows, shares, temperature):
    total = mpf(0)
    for row, share in zip(rows, shares):
        top = mpf(max(row))
        gaps = [(s, (top - mpf(z)) / temperature) for s, z in zip(share, row) if z != -math.inf]
        exps = [mp.exp(-g) for _, g in gaps]
        mean = mp.fsum(e * g for e, (_, g) in zip(exps, gaps)) / mp.fsum(exps)
        total += mp.fsum(mpf(s) * (g - mean) for s, g in gaps)
    return total


def exact_loss(rows, shares, temperature):
    total = mpf(0)
    for row, share in zip(rows, shares):
        top = mpf(max(row))
        log = mp.log(mp.fsum(mp.exp((mpf(z) - top) / temperature) for z in row if z != -math.inf))
        total += mp.fsum(mpf(s) * (log + (top - mpf(z)) / temperature) for s, z in zip(share, row) if s)
    return total


def golden(case):
    rows, targets, weights, class_weights, positive = data(case)
    case["labels"] = [] if targets else label(rows, case, random.Random(case["seed"]))
    rows, shares, below = two_class_rows(case, rows, targets or case["labels"], weights, class_weights, positive)
    z, s = numpy.array(rows), numpy.array(shares)

    def slope(temperature):
        p = softmax(z / temperature, axis=1)
        x = numpy.where(numpy.isfinite(z), z, 0) / temperature
        return float(numpy.sum((p * x).sum(axis=1) * s.sum(axis=1)) - numpy.sum(s * x))

    scipy = brentq(slope, case["truth"] / 50, case["truth"] * 50, xtol=1e-15 * case["truth"], rtol=4 * numpy.finfo(float).eps)
    exact = findroot(lambda t: exact_slope(rows, shares, t), (mpf(scipy) * (1 - mpf("1e-9")), mpf(scipy) * (1 + mpf("1e-9"))), solver="secant")
    loss = lambda t: float(exact_loss(rows, shares, mpf(t)) / mpf(below))
    float_loss = float(-numpy.sum(numpy.where(s > 0, s * log_softmax(z / scipy, axis=1), 0)) / below)
    assert abs(float(exact) / scipy - 1) < 1e-11, (case, exact, scipy)
    return [float(exact), scipy, loss(exact), float_loss, loss(1)]


def case(target, rows, classes, truth, scale, seed, kind="random", class_weights="none", sample_weights="none", smoothing=0.0):
    return dict(target=target, kind=kind, scale=scale, rows=rows, classes=classes, classWeights=class_weights, sampleWeights=sample_weights,
                smoothing=smoothing, seed=seed, truth=truth)


numpy.seterr(invalid="ignore")  # 0 times the -inf of a masked class, left out afterwards
cases = [
    case("labels", 200, 10, 2.0, 4.0, 1),
    case("labels", 200, 10, 0.4, 3.0, 2),
    case("labels", 100, 3, 1.0, 5.0, 3),
    case("labels", 60, 2, 30.0, 100.0, 4),
    case("labels", 60, 100, 0.02, 0.3, 5),
    case("labels", 150, 7, 1.5, 4.0, 6, class_weights="random"),
    case("labels", 150, 7, 1.5, 4.0, 7, sample_weights="some"),
    case("labels", 150, 7, 1.5, 4.0, 8, smoothing=0.1),
    case("labels", 150, 7, 1.5, 4.0, 9, class_weights="some", sample_weights="random", smoothing=0.2),
    case("labels", 150, 9, 1.5, 4.0, 10, kind="masked"),
    case("labels", 150, 9, 0.7, 4.0, 11, kind="ties", smoothing=0.05),
    case("labels", 7, 4, 1.3, 3.0, 12),
    case("labels", 40, 600, 1.1, 6.0, 13),
    case("targets", 100, 5, 2.0, 0.8, 14),
    case("targets", 100, 5, 2.0, 0.8, 15, class_weights="random", sample_weights="random", smoothing=0.1),
    case("elements", 100, 6, 2.0, 5.0, 16),
    case("elements", 100, 1, 0.5, 5.0, 17),
    case("elements", 80, 5, 1.2, 5.0, 18, class_weights="random", sample_weights="some"),
    case("labels", 500, 20, 1e-7, 1e-6, 19),
    case("labels", 100, 20, 1e6, 1e7, 20),
]
if __name__ == "__main__":
    for c in cases:
        c["golden"] = golden(c)
    write("calibrations.json", ["target", "kind", "scale", "rows", "classes", "classWeights", "sampleWeights", "smoothing", "seed", "labels"], cases, lambda c: c["golden"])
