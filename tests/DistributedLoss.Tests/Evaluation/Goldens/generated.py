"""What the scripts here share: generated data, which Draws.cs and the *Case.cs files make again bit for bit, and the mean of weighted losses at 50 digits.

A case's data come from SplitMix64 of its seed, one draw a value in the order that each script states. All values are multiples of a power of two, or one
rounded product of such, so that Python and C# have the same doubles.
"""
import json
import math
from mpmath import mp, mpf

mp.dps = 50
MASK = (1 << 64) - 1
UNITS = 1 << 20  # probabilities and targets are counts of 2^-20


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


def logits(case, draw, classes):
    row = [logit(case, next(draw)) for _ in range(classes)]
    # A row of nothing but -inf has no loss.
    return [0.0] + row[1:] if max(row) == -math.inf else row


def weight(mode, x):
    return None if mode == "none" else 0.0 if mode == "zero" or (mode == "some" and x % 3 == 0) else 3 * unit(x)


def counts(kind, draw, classes):
    """Classes counts that sum to UNITS: all positive or nearly (dense), about half of them 0 (sparse), or one that has all (one-hot)."""
    if kind == "one-hot":
        y = (next(draw) >> 8) % classes
        return [UNITS if c == y else 0 for c in range(classes)]
    parts = [0 if kind == "sparse" and x & 1 else x >> 44 for x in (next(draw) for _ in range(classes))]
    total = sum(parts)
    shares = [a * UNITS // total if total else 0 for a in parts]
    shares[(next(draw) >> 8) % classes] += UNITS - sum(shares)
    return shares


def log_probability(p):
    """Rounded to a multiple of 2^-20, so that the last bit of another language's log does not show."""
    return round(math.log(p) * UNITS) / UNITS if p > 0 else -math.inf


def number(x):
    return x if x is None or math.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN")


def weighted_mean(parts, weights):
    """Mean, sum, denominator and the linearised standard error of a ratio of sums: sqrt(n / (n - 1) sum (x - mean w)^2) / sum w."""
    total, below = sum(map(mpf, parts), mpf(0)), sum(map(mpf, weights), mpf(0))
    mean = None if below == 0 else float(total / below)
    error = None
    n = sum(a != 0 or b != 0 for a, b in zip(parts, weights))
    if mean is not None and n > 1:
        # The fraction under the root is rounded to float64, where it may overflow, and then the root.
        error = math.sqrt(float(mpf(n) / (n - 1) * sum((mpf(x) - total / below * b) ** 2 for x, b in zip(parts, weights)) / below ** 2)) if all(
            map(math.isfinite, parts)) else math.nan
    return mean, float(total), float(below), error


def agree(case, what, ours, theirs, size):
    """PyTorch's own rounding grows with the terms that cancel in a loss, not with the loss: those are 50 digits that PyTorch does not have."""
    same = ours == theirs or (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=1e-12)
    assert same or math.isclose(ours, theirs, abs_tol=1e-15 * size), (case, what, ours, theirs)
    if not same:
        print(f"{case['seed']}: {what} {ours}, and {theirs} in PyTorch")


def write(path, keys, cases, golden):
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(
            json.dumps([c[k] for k in keys] + [number(v) for v in golden(c)], separators=(",", ":")) for c in cases) + "\n]\n")
