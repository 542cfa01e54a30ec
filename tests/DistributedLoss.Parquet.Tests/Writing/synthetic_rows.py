#!/usr/bin/env python3
"""Prints the values in SyntheticDumpTests: the generator of SyntheticRows.cs again, in Python's integers and numpy's float32."""
import hashlib
import numpy as np

M = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
    return z ^ (z >> 31)


def row(seed, number, classes, accuracy):
    f = np.float32
    scale = f(2) / f(37837)
    state = mix((mix(seed ^ GOLDEN) + number * GOLDEN) & M)
    logits = []
    for c in range(classes):
        z = mix((state + (c + 1) * GOLDEN) & M)
        total = sum((z >> s) & 0xFFFF for s in (0, 16, 32, 48))
        logits.append(f(total - 131070) * scale)
    choice = mix(state ^ M)
    label = (mix(choice) * classes) >> 64
    dice = mix((choice + GOLDEN) & M)
    if choice >> 11 < int(accuracy * 2.0**53):
        u = f((dice >> 40) + 1) * f(2.0**-24)
        logits[label] = max(logits) + f(f(u * u) * f(12))
    elif dice & 31 == 0:
        logits[label] = logits[label] - f(16)
    return logits, label


for seed, classes, accuracy, first, rows in [(0, 10, 0.75, 0, 500), (2**63 + 5, 1000, 0.5, 2**33, 20), (7, 1, 1.0, 3, 4)]:
    digest = hashlib.sha256()
    for r in range(first, first + rows):
        logits, label = row(seed, r, classes, accuracy)
        digest.update(np.array(logits, "<f4").tobytes() + np.int64(label).tobytes())
    print(f"seed {seed}, C {classes}, accuracy {accuracy}, rows {first}+{rows}: {digest.hexdigest()}")
