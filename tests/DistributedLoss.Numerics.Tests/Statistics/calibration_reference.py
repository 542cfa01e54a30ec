"""Writes CalibrationReference.cs: calibration errors as torchmetrics 1.x computes them (functional/classification/calibration_error.py: bucketize with right=True over a
linspace of edges, then the l1 and max norms), in float64. No confidence is exactly 1: torchmetrics gives that one a bin of its own, we count it in the last bin.
Run: python3 calibration_reference.py > CalibrationReference.cs"""
import torch


def binned(confidences, right, bins):
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64)
    acc, conf, count = (torch.zeros(bins + 1, dtype=torch.float64) for _ in range(3))
    indices = torch.bucketize(confidences, edges, right=True) - 1
    count.scatter_add_(0, indices, torch.ones_like(confidences))
    conf.scatter_add_(0, indices, confidences)
    acc.scatter_add_(0, indices, right)
    return torch.nan_to_num(acc / count), torch.nan_to_num(conf / count), count / count.sum()


def errors(confidences, right, bins):
    acc, conf, share = binned(confidences, right, bins)
    return torch.sum(torch.abs(acc - conf) * share).item(), torch.max(torch.abs(acc - conf)).item()


torch.manual_seed(20261121)
print("// Written by calibration_reference.py with torch " + torch.__version__ + ": calibration errors by torchmetrics' definition in float64.")
print("namespace DistributedLoss.Numerics.Tests.Statistics;\n\ninternal static class CalibrationReference\n{")
print("    public static readonly (int Bins, double[] Confidences, int[] Right, double ExpectedError, double MaximumError)[] Cases =\n    [")
for rows, classes, scale, bins in [(1, 3, 1, 15), (40, 3, 1, 15), (60, 10, 3, 15), (60, 10, 3, 10), (50, 2, 2, 7), (80, 5, 8, 20), (30, 4, 0.1, 1)]:
    probabilities = torch.softmax(torch.randn(rows, classes, dtype=torch.float64) * scale, 1)
    confidences, predicted = probabilities.max(1)
    labels = torch.where(torch.rand(rows) < 0.6, predicted, torch.randint(classes, (rows,)))
    right = (labels == predicted).to(torch.float64)
    assert confidences.max() < 1
    ece, mce = errors(confidences, right, bins)
    print(f"        ({bins}, [{', '.join(map(repr, confidences.tolist()))}], [{', '.join(str(int(r)) for r in right)}], {ece!r}, {mce!r}),")
print("    ];\n}")
