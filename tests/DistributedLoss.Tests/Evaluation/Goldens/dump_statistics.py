#!/usr/bin/python3
"""Writes dump_statistics.json: what scikit-learn, SciPy, NumPy and PyTorch make of generated dumps (Debian's python3-sklearn 1.2, python3-scipy, python3-torch).

For each row: the values (a draw a class; of counts one more), one draw for the label, one for the sample weight, one for the group and one for the bytes.
StatisticsCase.cs does the same. Of a dump of binary logits a row is K values, K targets and the sample weight.

Where scikit-learn has another tie rule than ours (the lowest class first), it is asked with the classes in reverse order, which makes the rules the same:
its top_k_accuracy_score prefers the highest index among equal scores, and takes no -inf, for which -1e30 stands. label_ranking_average_precision_score gives equal scores the worst rank, and is asked
only where no row has ties.

calibration is torchmetrics' definition in float64 (torchmetrics 1.x, functional/classification/calibration_error.py, _binning_bucketize and _ce_compute;
https://github.com/Lightning-AI/torchmetrics): boundaries linspace(0, 1, 16), bucketize(right=True), so that bins are half-open [low, high); l1 is
sum |accuracy - confidence| * share, max the greatest |accuracy - confidence|. A confidence of exactly 1 would have a 16th bin there; none occurs here.
"""
import json
import math
import numpy as np
import scipy.special
import scipy.stats
import torch
from generated import UNITS, counts, draws, logits, number, weight
from sklearn import metrics
from torch.nn import functional as F

BINS = 15
QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]


def calibration(confidence, hits):
    edges = np.linspace(0, 1, BINS + 1)
    index = np.searchsorted(edges, confidence, side="right") - 1
    assert index.max() < BINS
    gaps, shares, bins = [], [], []
    for b in range(BINS):
        rows = index == b
        n = int(rows.sum())
        bins.append([n, int(hits[rows].sum()), math.fsum(confidence[rows]) / n if n else None])
        if n:
            gaps.append(abs(hits[rows].mean() - math.fsum(confidence[rows]) / n))
            shares.append(n / len(confidence))
    return dict(ece=math.fsum(g * s for g, s in zip(gaps, shares)), mce=max(gaps), bins=bins)


def mean(x):
    return math.fsum(x) / len(x)


def quotients(y, predicted, labels, **average):
    """Precision, recall and F1; where scikit-learn puts 0 for a quotient by 0, null."""
    p, r, f, support = metrics.precision_recall_fscore_support(y, predicted, labels=labels, zero_division=0, **average)
    if average.get("average"):
        return float(p), float(r), float(f)
    guessed = np.array([(predicted == c).sum() for c in labels]) if np.ndim(y) == 1 else np.sum(predicted, axis=0)
    def nulls(values, by):
        return [float(v) if n else None for v, n in zip(values, by)]
    return nulls(p, guessed), nulls(r, support), nulls(f, guessed + support)


def dump(case):
    draw = draws(case["seed"])
    classes = case["classes"]
    rows = []
    for _ in range(case["rows"]):
        if case["input"] == "probs":
            v = [k / UNITS for k in counts("dense", draw, classes)]
        else:
            v = logits(case, draw, classes)
        x = next(draw)
        # Right more often than not, and never a masked class.
        y = (x >> 8) % classes
        y = v.index(max(v)) if x % 3 > 0 or v[y] == -math.inf else y
        s = weight(case["sampleWeights"], next(draw))
        rows.append((v, y, s, next(draw) % case["groups"], 1 + next(draw) % 9))
    return rows


def multiclass(case):
    rows = dump(case)
    v, y, g, size = (np.array([r[i] for r in rows]) for i in (0, 1, 3, 4))
    n, classes = v.shape
    logp = np.log(v) if case["input"] == "probs" else scipy.special.log_softmax(v, axis=1)
    p = v if case["input"] == "probs" else scipy.special.softmax(v, axis=1)
    losses = -logp[np.arange(n), y]
    predicted = np.argmax(v, axis=1)  # the first of equal ones
    hits = (predicted == y).astype(float)
    one_hot = np.eye(classes)[y]
    ranks = np.argmax(np.argsort(-v, axis=1, kind="stable") == y[:, None], axis=1) + 1
    ties = any(len(set(r)) < classes for r in v.tolist())
    out = dict(logLoss=metrics.log_loss(y, p, labels=range(classes)), ties=ties)
    assert math.isclose(out["logLoss"], mean(losses), rel_tol=1e-13)
    if case["sampleWeights"] != "none":
        out["weightedLogLoss"] = metrics.log_loss(y, p, labels=range(classes), sample_weight=[r[2] for r in rows])
    out["standardError"] = scipy.stats.sem(losses)
    # By hand: scikit-learn's is for two classes, and of class 1 alone.
    out["brier"] = mean(((p - one_hot) ** 2).sum(axis=1))
    if classes == 2:
        assert math.isclose(out["brier"], 2 * metrics.brier_score_loss(y, p[:, 1]), rel_tol=1e-12)
        out["brierOfClass1"] = metrics.brier_score_loss(y, p[:, 1])
    # With two classes scikit-learn wants one score, whose threshold is 1/2: what it calls top 1 is accuracy.
    out["top"] = {str(k): metrics.accuracy_score(y, predicted) if classes == 2 and k == 1 else 1.0 if k >= classes else metrics.top_k_accuracy_score(
        classes - 1 - y, np.maximum(v, -1e30)[:, ::-1], k=k, labels=range(classes)) for k in (1, 2, 5)}
    assert out["top"]["1"] == metrics.accuracy_score(y, predicted)
    out["reciprocalRank"] = mean(1 / ranks) if ties else metrics.label_ranking_average_precision_score(one_hot, v)
    assert math.isclose(out["reciprocalRank"], mean(1 / ranks), rel_tol=1e-13)
    confusion = metrics.confusion_matrix(y, predicted, labels=range(classes))
    out["confusion"] = [[int(a), int(b), int(confusion[a, b])] for a, b in zip(*np.nonzero(confusion))]
    out["precision"], out["recall"], out["f1"] = quotients(y, predicted, list(range(classes)))
    out["calibration"] = calibration(p.max(axis=1), hits)
    out["entropy"] = mean(scipy.stats.entropy(p, axis=1))
    out["quantiles"] = [[q, float(np.quantile(losses, q, method="inverted_cdf"))] for q in QUANTILES]
    scores, entropies, confidence = ((p - one_hot) ** 2).sum(axis=1), scipy.stats.entropy(p, axis=1), p.max(axis=1)
    out["byGroup"] = [[int(c), int((g == c).sum()), mean(losses[g == c]), float(hits[g == c].mean()), mean(scores[g == c]), mean(entropies[g == c]),
                       calibration(confidence[g == c], hits[g == c])["ece"]] for c in sorted(set(g.tolist()))]
    out["groupMean"] = mean([x[2] for x in out["byGroup"]])
    out["bitsPerByte"] = math.fsum(losses) / math.log(2) / int(size.sum())
    out["classCount"] = [int((y == c).sum()) for c in range(classes)]
    out["classLoss"] = [mean(losses[y == c]) if (y == c).any() else None for c in range(classes)]
    out["classLabelProbability"] = [mean(p[y == c, c]) if (y == c).any() else None for c in range(classes)]
    out["classProbability"] = [mean(p[:, c]) for c in range(classes)]
    # The gradient of the mean loss with respect to a bias of the classes.
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    F.cross_entropy(torch.tensor(logp) + bias, torch.tensor(y)).backward()
    out["classBias"] = bias.grad.tolist()
    return out


def multilabel(case):
    draw = draws(case["seed"])
    n, k = case["rows"], case["classes"]
    rows = []
    for _ in range(n):
        z = logits(case, draw, k)
        t = [int((next(draw) % 10 < 7) == (a > 0)) for a in z]
        rows.append((z, t, weight(case["sampleWeights"], next(draw))))
    z, t = (np.array([r[i] for r in rows]) for i in (0, 1))
    p = scipy.special.expit(z)
    predicted = (z > 0).astype(int)
    losses = np.logaddexp(0, np.where(t == 1, -z, z))
    out = dict(logLoss=mean([metrics.log_loss(t[:, c], p[:, c], labels=[0, 1]) for c in range(k)]))
    assert math.isclose(out["logLoss"], mean(losses.ravel()), rel_tol=1e-12)
    out["standardError"] = scipy.stats.sem(losses.ravel())
    out["accuracy"] = mean([metrics.accuracy_score(t[:, c], predicted[:, c]) for c in range(k)])
    out["exactMatch"] = metrics.accuracy_score(t, predicted)
    out["brier"] = mean([metrics.brier_score_loss(t[:, c], p[:, c]) for c in range(k)])
    # scikit-learn takes one column for the classes 0 and 1 of one label.
    answers = (t[:, 0], predicted[:, 0], [1]) if k == 1 else (t, predicted, list(range(k)))
    out["precision"], out["recall"], out["f1"] = quotients(*answers)
    out["micro"], out["macro"] = (quotients(*answers, average=a) for a in ("micro", "macro"))
    # Both of torchmetrics' ways: p of class 1 with the target (its binary one), and that of the likelier class with whether it is right.
    out["calibration"] = calibration(p.ravel(), t.ravel().astype(float))
    out["calibrationOfPrediction"] = calibration(np.maximum(p, scipy.special.expit(-z)).ravel(), (predicted == t).ravel().astype(float))
    out["entropy"] = mean(scipy.stats.entropy([p.ravel(), scipy.special.expit(-z).ravel()]))
    out["quantiles"] = [[q, float(np.quantile(losses, q, method="inverted_cdf"))] for q in QUANTILES]
    out["classCount"] = t.sum(axis=0).tolist()
    out["classLoss"] = [mean(losses[:, c]) for c in range(k)]
    out["classProbability"] = [mean(p[:, c]) for c in range(k)]
    bias = torch.zeros(k, dtype=torch.float64, requires_grad=True)
    F.binary_cross_entropy_with_logits(torch.tensor(z) + bias, torch.tensor(t, dtype=torch.float64)).backward()
    out["classBias"] = (bias.grad * k).tolist()  # of each label's own mean
    return out


def clean(x):
    if isinstance(x, dict):
        return {k: clean(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [clean(v) for v in x]
    return x.item() if isinstance(x, np.generic) else number(x) if isinstance(x, float) else x


def case(seed, classes, rows, kind="random", scale=6.0, sample_weights="none", groups=7, input="logits"):
    return dict(input=input, kind=kind, scale=scale, rows=rows, classes=classes, sampleWeights=sample_weights, groups=groups, seed=seed)


CASES = [
    case(400_001, 2, 1500, scale=4.0, sample_weights="random"),
    case(400_002, 2, 500, kind="ties"),
    case(400_003, 3, 700, input="probs", sample_weights="some"),
    case(400_004, 10, 2000, groups=40),
    case(400_005, 10, 800, kind="ties", sample_weights="some"),
    case(400_006, 10, 600, kind="masked", scale=3.0),
    case(400_007, 100, 1000, scale=8.0, sample_weights="random", groups=1),
    case(400_008, 100, 500, kind="ties"),
    case(400_011, 1, 700, scale=4.0, input="binary-logits"),
    case(400_012, 6, 400, scale=5.0, input="binary-logits"),
    case(400_013, 20, 60, scale=3.0, input="binary-logits"),
]
with open("dump_statistics.json", "w") as out:
    lines = [json.dumps(clean({**c, **(multilabel if c["input"] == "binary-logits" else multiclass)(c)}), separators=(",", ":")) for c in CASES]
    out.write("[\n" + ",\n".join(lines) + "\n]\n")
