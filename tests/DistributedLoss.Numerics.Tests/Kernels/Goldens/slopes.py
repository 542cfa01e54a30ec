#!/usr/bin/python3
"""Writes slopes.json: losses of generated rows and their derivatives by the logarithm of the inverse temperature, from mpmath at 80 digits.

A figure is the nearest double and what is left of it. Logits are divided by the temperature exactly, and nothing is rounded on the way: what the kernel
rounds is what the test allows for. slope is d loss / d log(1/T), curvature (1/T)^2 d^2 loss / d(1/T)^2. Binary elements have a value instead of a seed.
"""
import json
import math
from mpmath import mp, mpf
from rows import draws, logits
from soft_targets import target_of

mp.dps = 80


def split(exact):
    return [float(exact), float(exact - mpf(float(exact)))]


def derivatives(row, temperature, shares):
    x = [mpf(z) / mpf(temperature) if z != -math.inf else None for z in row]
    top = max(v for v in x if v is not None)
    gaps = [(c, top - v) for c, v in enumerate(x) if v is not None]
    total = mp.fsum(mp.exp(-g) for _, g in gaps)
    mean = mp.fsum(mp.exp(-g) * g for _, g in gaps) / total
    square = mp.fsum(mp.exp(-g) * g * g for _, g in gaps) / total
    a = mp.fsum(shares[c] * g for c, g in gaps)
    s = mp.fsum(shares)
    return dict(loss=split(a + s * mp.log(total)), slope=split(a - s * mean), curvature=split(s * (square - mean * mean)))


def case(kind, scale, classes, label, seed, temperature, smoothing=0.0, weight=1.0, weighted=False, targets=None):
    row = logits(kind, scale, classes, label, seed)
    w = [mpf((c % 4) * 0.7) if weighted else mpf(1) for c in range(classes)]
    target = None if targets is None else target_of(targets, classes, seed + 1)
    t = [mpf(c == label) for c in range(classes)] if target is None else [mpf(x) for x in target]
    shares = [mpf(weight) * w[c] * (t[c] * (1 - mpf(smoothing)) + mpf(smoothing) / classes) for c in range(classes)]
    return dict(kind=kind, scale=scale, classes=classes, label=label, seed=str(seed), temperature=temperature, smoothing=smoothing, weight=weight,
                weighted=weighted, target=target, **derivatives(row, temperature, shares))


def element(value, target, positive, temperature):
    # softplus(x) is the loss of two classes, 0 and x: the derivatives are theirs.
    shares = [1 - mpf(target), mpf(positive) * mpf(target)]
    return dict(kind="binary", scale=0.0, classes=1, label=0, seed="0", temperature=temperature, smoothing=0.0, weight=1.0, weighted=False, target=[target],
                value=value, positive=positive, **derivatives([0.0, value], temperature, shares))


TEMPERATURES = [1.0, 0.37, 2.5, 0.05, 2.0 ** -64, 2.0 ** 64]
cases, seed = [], 90_000
for classes in (1, 2, 3, 8, 9, 65, 513, 1100):
    for n, (kind, scale) in enumerate((("random", 1.0), ("random", 30.0), ("ties", 1.0), ("masked", 5.0), ("confident", 4.0), ("certain", 1.0), ("float32", 1000.0))):
        seed += 1
        label = seed % classes
        for temperature in TEMPERATURES if classes < 100 else (1.0, 0.37):
            cases.append(case(kind, scale, classes, label, seed, temperature))
        if kind != "masked":
            cases.append(case(kind, scale, classes, label, seed, 1.7, smoothing=0.1, weight=2.3, weighted=n % 2 == 0))
for classes in (1, 2, 9, 33):
    for n, targets in enumerate(("dense", "sparse", "one-hot", "ties")):
        seed += 1
        cases.append(case("random", (1.0, 20.0)[n % 2], classes, 0, seed, (0.6, 1.0, 3.1)[n % 3], (0.0, 0.1)[n % 2], (1.0, 0.3)[n // 2], n % 2 == 1, targets))
uniform = [(d >> 11) * 2.0 ** -53 for d in draws(11, 200)]
for n in range(40):
    value = (uniform[n] - 0.5) * (1, 10, 80, 3000)[n % 4]
    target = uniform[n + 50] if n % 3 == 0 else float(n % 2)
    cases.append(element(value, target, (1.0, 2.5, 0.0)[n % 5 % 3], (0.4, 1.0, 7.0)[n % 3]))
with open("slopes.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases))
