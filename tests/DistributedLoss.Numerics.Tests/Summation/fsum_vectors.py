"""Writes FsumVectors.cs: sums by Python's math.fsum, each checked here against fractions.Fraction. Run: python3 fsum_vectors.py > FsumVectors.cs"""
import math
import random
import struct
from fractions import Fraction


def bits(value):
    return format(struct.unpack("<Q", struct.pack("<d", value))[0], "016x")


def number(pattern):
    return struct.unpack("<d", struct.pack("<Q", pattern))[0]


def patterned(rng, low, high):
    mantissa = rng.choice([0, (1 << 52) - 1, 1 << rng.randrange(52), rng.getrandbits(52)])
    return number(rng.getrandbits(1) << 63 | rng.randint(low, high) << 52 | mantissa)


def vector(rng, kind):
    length = rng.randint(2, 7)
    middle = rng.randint(60, 1900)
    if kind == 0:
        return [patterned(rng, 0, 2030) for _ in range(length)]
    if kind == 1:
        return [patterned(rng, middle - 55, middle + 55) for _ in range(length)]
    if kind == 2:
        return [patterned(rng, 0, 2) for _ in range(length)]
    if kind == 3:
        head = patterned(rng, middle, middle)
        return [head, math.copysign(math.ulp(head) / 2, rng.choice([1, -1])), rng.choice([0.0, 5e-324, -5e-324])]
    values = [patterned(rng, 0, 2030) for _ in range(length)]
    return values + [-value for value in values] + [patterned(rng, 0, 900)]


rng = random.Random(20260101)
print("// Written by fsum_vectors.py: the sum by Python's math.fsum, then the addends, as hexadecimal bit patterns.")
print("namespace DistributedLoss.Numerics.Tests.Summation;\n")
print("internal static class FsumVectors\n{\n    public const string Lines = \"\"\"")
for case in range(60):
    values = vector(rng, case % 5)
    rng.shuffle(values)
    total = math.fsum(values) + 0.0
    assert total == float(sum(map(Fraction, values)))
    print("        " + bits(total) + " " + " ".join(map(bits, values)))
print("        \"\"\";\n}")
