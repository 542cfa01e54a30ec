"""Writes HistogramReference.cs: quantiles of small samples by numpy's nearest-rank method. Every value is the middle of a bin of LossHistogram (an odd number of
128ths of a power of two), so that the histogram must give the same doubles. Run: python3 histogram_reference.py > HistogramReference.cs"""
import numpy as np

rng = np.random.default_rng(20261121)
print("// Written by histogram_reference.py: np.quantile(losses, q, method=\"inverted_cdf\") of numpy " + np.__version__ + ".")
print("namespace DistributedLoss.Numerics.Tests.Statistics;\n\ninternal static class HistogramReference\n{")
print("    public static readonly (double[] Losses, double Q, double Expected)[] Quantiles =\n    [")
for size in [1, 2, 3, 9, 16, 31]:
    losses = np.ldexp((2 * rng.integers(64, 128, size) + 1) / 128.0, rng.integers(-20, 6, size))
    for q in [0.0, 0.125, 0.25, 0.5, 0.625, 0.75, 0.96875, 1.0]:
        expected = np.quantile(losses, q, method="inverted_cdf")
        print(f"        ([{', '.join(map(repr, losses.tolist()))}], {q!r}, {float(expected)!r}),")
print("    ];\n}")
