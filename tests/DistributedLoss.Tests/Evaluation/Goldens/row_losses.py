#!/usr/bin/python3
"""Writes row_losses.json: row by row, what some of the cases of loss_options.json add to sum and denominator (Debian's python3-torch, python3-mpmath).

A line: the case's number, then for each row loss, weight and p(label), null for an ignored row. Losses are 50-digit ones that agree here with PyTorch's
reduction="none", times the sample weight; p(label) is that of the loss without smoothing and weights.
"""
import json
import math
from generated import agree, number
from loss_options import KEYS, data, torch_losses
from mpmath import exp, inf, isfinite, log, mpf, nan


def times(weight, loss):
    return nan if weight == 0 and not isfinite(loss) else weight * loss


def class_losses(case, values):
    if case["input"] != "logits":
        return [-(log(mpf(v)) if v > 0 else -inf) if case["input"] == "probs" else -mpf(v) for v in values]
    z = [mpf(v / case["temperature"]) for v in values]
    greatest = max(z)
    total = log(sum(exp(x - greatest) for x in z))
    return [total + (greatest - x) for x in z]


def row(case, values, label, sample, class_weights):
    losses = class_losses(case, values)
    w = [mpf(x) for x in class_weights or [1.0] * case["classes"]]
    s = 1.0 if sample is None else sample
    loss = times(w[label], losses[label])
    if case["smoothing"] > 0:
        e = mpf(case["smoothing"])
        loss = times(1 - e, loss) + e / case["classes"] * sum(times(a, b) for a, b in zip(w, losses))
    return float(times(mpf(s), loss)), float(w[label]) * s, float(exp(-losses[label]))


def golden(case):
    rows, class_weights = data(case)
    theirs = torch_losses(case, rows, class_weights, "none").tolist()
    lines = []
    for (values, label, sample), torch_loss in zip(rows, theirs):
        if label == case["ignoreIndex"]:
            assert torch_loss == 0
            lines.append(None)
            continue
        ours = row(case, values, label, sample, class_weights)
        s = 1.0 if sample is None else sample
        size = 3 * s * max([abs(v / case["temperature"]) for v in values if math.isfinite(v)] + [1])
        agree(case, "loss", ours[0], torch_loss * s if s != 0 or math.isfinite(torch_loss) else math.nan, 3 * size)
        lines.append([number(x) for x in ours])
    return lines


if __name__ == "__main__":
    cases = [dict(zip(KEYS, line)) for line in json.load(open("loss_options.json"))]
    chosen = [c for c in cases if c["rows"] > 0 and c["seed"] % 10 == 0]
    with open("row_losses.json", "w") as out:
        out.write("[\n" + ",\n".join(json.dumps([c["seed"]] + golden(c), separators=(",", ":")) for c in chosen) + "\n]\n")
