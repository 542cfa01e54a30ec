#!/usr/bin/python3
"""Writes exp.bin, log.bin and log1p.bin: what the elementary functions are, from mpmath at 60 digits.

Each record is three little-endian float64: x, f(x) rounded to nearest, and what the rounding left, in units in
the last place of the rounded value (so that it is exact enough for subnormal results too).
"""
import math
import random
import struct
from mpmath import mp, mpf

mp.dps = 60
random.seed(20240229)


def neighbours(x, n=3):
    up = down = x
    yield x
    for _ in range(n):
        up, down = math.nextafter(up, math.inf), math.nextafter(down, -math.inf)
        yield up
        yield down


def write(name, f, points):
    with open(name, "wb") as out:
        for x in sorted(set(points)):
            exact = f(mpf(x))
            rounded = float(exact)
            if math.isinf(rounded):
                continue
            rest = (exact - mpf(rounded)) / mpf(math.ulp(rounded))
            out.write(struct.pack("<ddd", x, rounded, float(rest)))


ln2 = math.log(2)
points = [random.uniform(-746, 0) for _ in range(1500)]
points += [random.uniform(-20, 0) for _ in range(1500)]
points += [random.uniform(0, 709.78) for _ in range(500)]
points += [-(10 ** random.uniform(-320, 1)) for _ in range(300)]
points += [random.uniform(-745.2, -707) for _ in range(500)]  # subnormal results and the way there
for k in range(-1076, 1024, 7):  # where n changes, and where r is 0
    points += list(neighbours((k + 0.5) * ln2, 1)) + list(neighbours(k * ln2, 1))
points += list(neighbours(-745.1332191019412)) + list(neighbours(-708.0)) + list(neighbours(-708.3964185322641))
points += list(neighbours(709.782712893384, 2)) + [0.0, -0.0, -746.0, -800.0, -1e300]
write("exp.bin", mp.exp, points)

points = [10 ** random.uniform(-10, 10) for _ in range(1500)]
points += [10 ** random.uniform(-322, 307) for _ in range(800)]
points += [random.uniform(0.25, 4) for _ in range(1500)]
points += [10 ** random.uniform(-323, -308) for _ in range(200)]
for p in (0.5, 2 ** -0.5, 1.0, 2 ** 0.5, 2.0, 4.0, 5e-324 * 4, 2.2250738585072014e-308, 1e300):
    points += list(neighbours(p, 4))
write("log.bin", mp.log, [p for p in points if p > 0])

points = [10 ** random.uniform(-320, 10) for _ in range(1000)]
points += [10 ** random.uniform(-3, 6) for _ in range(1500)]
points += [random.uniform(0, 8) for _ in range(1500)]
points += [-random.random() for _ in range(500)]
points += [2.0 ** k - 1 for k in range(1, 60)]
for p in (2 ** 0.5 - 1, 2 ** -0.5 - 1, 1.0, 2 ** 1.5 - 1, 2.0 ** 53, 2.0 ** 54, 1e300, 5e-324, 128255.0):
    points += list(neighbours(p, 4))
write("log1p.bin", mp.log1p, [p for p in points if p > -1 and p != 0])
