"""Writes ConfusionReference.cs: a confusion matrix by scikit-learn, and its precision, recall, F1 and accuracy of a multi-label table with their averages.
Run: python3 confusion_reference.py > ConfusionReference.cs"""
import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

rng = np.random.default_rng(20261121)
labels = rng.integers(0, 6, 80)
predicted = np.where(rng.random(80) < 0.5, labels, rng.integers(0, 6, 80))


def row(values):
    return "[" + ", ".join(repr(value) for value in np.asarray(values).tolist()) + "]"


def rows(name, kind, values):
    print(f"    public static readonly {kind}[][] {name} =\n    [")
    for line in values:
        print(f"        {row(line)},")
    print("    ];\n")


print("// Written by confusion_reference.py with scikit-learn " + sklearn.__version__ + ".")
print("namespace DistributedLoss.Numerics.Tests.Statistics;\n\ninternal static class ConfusionReference\n{")
print(f"    public static readonly int[] Labels = {row(labels)};\n")
print(f"    public static readonly int[] Predicted = {row(predicted)};\n")
rows("Matrix", "long", confusion_matrix(labels, predicted, labels=range(6)))

# A column without positives, one without predicted positives, one with neither; scores of exactly 0 predict negative.
targets = (rng.random((25, 6)) < 0.4).astype(int)
scores = np.round(rng.normal(size=(25, 6)) * 2 + (targets - 0.5) * 2, 1)
scores[::5, 0] = 0.0
targets[:, 3] = 0
scores[:, 4] = -1.0
targets[:, 5], scores[:, 5] = 0, 0.0
guesses = (scores > 0).astype(int)
rows("Targets", "double", targets.astype(float))
rows("Scores", "double", scores)


def measures(average):
    precision, recall, f1, _ = precision_recall_fscore_support(targets, guesses, average=average, zero_division=0)
    return recall, precision, f1


accuracy = [accuracy_score(targets[:, k], guesses[:, k]) for k in range(6)]
print("    /// <summary>Recall, precision, F1 and accuracy of each class, with 0 where scikit-learn's zero_division says so.</summary>")
rows("Measures", "double", [list(map(float, m)) for m in zip(*measures(None), accuracy)])
print(f"    public static readonly double[] Micro = {row([*measures('micro'), accuracy_score(targets.ravel(), guesses.ravel())])};\n")
print(f"    public static readonly double[] Macro = {row([*measures('macro'), np.mean(accuracy)])};\n}}")
