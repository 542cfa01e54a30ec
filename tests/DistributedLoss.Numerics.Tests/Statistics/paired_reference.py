"""Writes PairedReference.cs: paired tests by SciPy (ttest_rel, binomtest, permutation_test in its exact form), and the tails of the binomial and of Student's t
by mpmath with 60 digits, for counts and degrees of freedom where SciPy rounds. Run: python3 paired_reference.py > PairedReference.cs"""
import mpmath
import numpy as np
import scipy
from scipy import stats

mpmath.mp.dps = 60


def number(x):
    return "double.NaN" if np.isnan(float(x)) else repr(float(x))


def numbers(values):
    return "[" + ", ".join(number(v) for v in values) + "]"


def coin(heads, tails):
    """2 P(X <= min) of a fair coin, exactly in integers as long as that is feasible, else by the regularised incomplete beta function."""
    n, k = heads + tails, min(heads, tails)
    if heads == tails:
        return mpmath.mpf(1)
    if n <= 20000:
        total, term = 0, 1
        for i in range(k + 1):
            total += term
            term = term * (n - i) // (i + 1)
        return min(mpmath.mpf(1), 2 * mpmath.mpf(total) / mpmath.mpf(2) ** n)
    log_term = mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1) - n * mpmath.log(2)
    total = ratio = mpmath.mpf(1)
    i = k
    while ratio > total * mpmath.mpf(10) ** -40 and i > 0:
        ratio *= mpmath.mpf(i) / (n - i + 1)
        total += ratio
        i -= 1
    return 2 * mpmath.exp(log_term) * total


def student(t, degrees):
    """By quadrature of the density, in pieces of its tail."""
    t, v = mpmath.mpf(t), mpmath.mpf(degrees)
    x = v / (v + t * t)
    if x < 0.5 or degrees < 1000:
        return mpmath.betainc(v / 2, mpmath.mpf(1) / 2, 0, x, regularized=True)
    front = mpmath.exp(mpmath.loggamma((v + 1) / 2) - mpmath.loggamma(v / 2)) / mpmath.sqrt(v * mpmath.pi)
    edge = -(v + 1) / 2 * mpmath.log1p(t * t / v)
    step = 1 / (4 * max(t, mpmath.mpf(1)))
    total, low = mpmath.mpf(0), t
    while True:
        part = mpmath.quad(lambda u: mpmath.exp(-(v + 1) / 2 * mpmath.log1p(u * u / v) - edge), [low, low + step])
        total += part
        low += step
        if part < total * mpmath.mpf(10) ** -25:
            return 2 * front * mpmath.exp(edge) * total


print(f"// Written by paired_reference.py with SciPy {scipy.__version__} and mpmath {mpmath.__version__}.")
print("namespace DistributedLoss.Numerics.Tests.Statistics;\n\ninternal static class PairedReference\n{")

print("    /// <summary>By mpmath, and where that agrees to 1e-9, by SciPy's binomtest.</summary>")
print("    public static readonly (long Heads, long Tails, double TwoSided)[] Coins =\n    [")
for heads, tails in [
    (0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (3, 0), (5, 9), (10, 10), (10, 11), (0, 1074), (0, 1075), (0, 1080), (20, 40), (400, 500), (4999, 5001), (3000, 7000), (1006, 0),
    (65000, 66072), (131072, 131073), (70000, 62000), (500_000, 501_000), (480_000, 520_000), (49_990_000, 50_010_000), (49_800_000, 50_200_000), (999_950_000, 1_000_050_000),
    (450_000, 550_000), (462_000, 538_000), (481_600, 518_400),
]:
    exact = coin(heads, tails)
    if 0 < heads + tails <= 10 ** 6 and exact > 1e-290:
        theirs = stats.binomtest(heads, heads + tails).pvalue
        assert abs(theirs - float(exact)) <= 1e-9 * theirs, (heads, tails, theirs, exact)
    print(f"        ({heads}, {tails}, {number(exact)}),")
print("    ];\n")

print("    /// <summary>By mpmath; SciPy agrees to 1e-9.</summary>")
print("    public static readonly (double T, long Degrees, double TwoSided)[] Students =\n    [")
for t, degrees in [
    (0.5, 1), (-1, 1), (12.706, 1), (1e6, 1), (1e200, 1), (0.001, 2), (2.5, 2), (-3.25, 3), (1.5, 4), (2.776, 4), (0.1, 9), (2.2621571627, 9), (5, 19), (40, 19), (1e-9, 30), (1.96, 100),
    (6, 100), (1.7, 130), (37, 500), (0.3, 999), (1.96, 9999), (8.2, 9999), (28.2831, 19999), (1.7320508, 99999), (1.7320509, 100001), (1.5, 1_000_000), (30, 1_000_000), (2.1, 50_000_000), (12, 50_000_000),
]:
    exact = student(abs(t), degrees)
    theirs = 2 * stats.t.sf(abs(t), degrees)
    assert theirs < 1e-290 or abs(theirs - float(exact)) <= 1e-9 * theirs, (t, degrees, theirs, exact)
    print(f"        ({number(t)}, {degrees}, {number(exact)}),")
print("    ];\n")

print("    public static readonly PairedCase[] Cases =\n    [")
rng = np.random.default_rng(20261121)
samples = [(np.array([1.0, 2.0]), np.array([1.5, 2.25]))]
for n, shift, grid in [(3, 0.1, None), (8, 0.5, None), (9, 0.0, 0.25), (12, 0.3, None), (12, 0.0, 0.5), (14, 1.0, 0.125), (60, 0.1, None), (300, 0.05, 0.01)]:
    a = rng.gamma(2.0, 0.7, n)
    b = a + rng.normal(shift, 0.6, n)
    if grid:
        a, b = np.round(a / grid) * grid, np.round(b / grid) * grid
    samples.append((a, b))
samples.append((np.array([1e-12, 3e-7, 2.0, 700.0, 0.0, 5e-3]), np.array([2e-12, 1e-7, 2.5, 690.0, 1e-9, 5e-3])))
for a, b in samples:
    d = b - a
    test = stats.ttest_rel(b, a)
    better, worse = int((d < 0).sum()), int((d > 0).sum())
    sign = stats.binomtest(better, better + worse).pvalue
    moved = d[d != 0]
    if len(moved) <= 14:
        flips = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False).pvalue
    else:
        flips = np.nan
    print(f"        new({numbers(a)}, {numbers(b)})\n        {{")
    print(f"            MeanDifference = {number(d.mean())}, StandardError = {number(stats.sem(d))}, T = {number(test.statistic)}, PairedT = {number(test.pvalue)},")
    print(f"            Better = {better}, Worse = {worse}, Sign = {number(sign)}, Permutation = {number(flips)},")
    print("        },")
print("    ];\n}")
