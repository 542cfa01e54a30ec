#!/usr/bin/python3
"""Coefficients of the kernels' exp, printed as C# constants, low order first.

exp(r) = 1 + r (1 + r g(r)) on |r| <= ln2/2 (1 + 2^-20). g has degree 9 and nearly minimises the largest *relative*
error of exp: Lawson's iteratively reweighted least squares on a fine grid. The coefficients are rounded to
float64 one after the other, each time refitting those that are left.
"""
from mpmath import mp, mpf, exp, log, matrix, lu_solve, cos, pi

mp.dps = 50
A = log(2) / 2 * (1 + mpf(2) ** -20)
DEGREE = 9
GRID = [A * cos(pi * (i + mpf(1) / 2) / 160) for i in range(160)]
SCALE = [r * r / exp(r) for r in GRID]
TARGET = [(exp(r) - 1 - r) / exp(r) for r in GRID]


def fit(fixed):
    """Free coefficients fixed..DEGREE, given the rounded ones below."""
    lawson = [mpf(1)] * len(GRID)
    rows = [[s * r ** k for k in range(DEGREE + 1)] for r, s in zip(GRID, SCALE)]
    want = [t - sum(f * row[k] for k, f in enumerate(fixed)) for t, row in zip(TARGET, rows)]
    n, best = DEGREE + 1 - len(fixed), None
    for _ in range(25):
        normal, right = matrix(n, n), matrix(n, 1)
        for row, w, t in zip(rows, lawson, want):
            for i in range(n):
                right[i] += w * row[len(fixed) + i] * t
                for j in range(n):
                    normal[i, j] += w * row[len(fixed) + i] * row[len(fixed) + j]
        c = list(fixed) + list(lu_solve(normal, right))
        e = [abs(sum(ck * x for ck, x in zip(c, row)) - t) for row, t in zip(rows, TARGET)]
        if best is None or max(e) < best[0]:
            best = max(e), c
        total = sum(w * x for w, x in zip(lawson, e))
        lawson = [w * x / total * len(GRID) for w, x in zip(lawson, e)]
    return best


fixed = []
for k in range(DEGREE + 1):
    worst, c = fit(fixed)
    fixed.append(mpf(float(c[k])))
    print(f"    private const double C{k + 2} = {float(c[k])!r};")
worst = max(abs(sum(ck * r ** k for k, ck in enumerate(fixed)) * s - t) for r, s, t in zip(GRID, SCALE, TARGET))
print("    // relative error:", mp.nstr(worst, 3))
