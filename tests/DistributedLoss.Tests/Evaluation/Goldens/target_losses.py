#!/usr/bin/python3
"""Writes target_losses.json: what each row of some cases of soft_targets.json, and each element of some of binary.json, adds to sum and denominator.

A line: the case's number, then loss, weight and probability of each row (soft targets: p of the target's largest entry) or element (p of a positive target),
in order. Losses are 50-digit ones that agree here with PyTorch's reduction="none", times the sample weight. A soft target's is NaN where PyTorch's is, which
multiplies 0 by -inf; an element's is infinite where F.binary_cross_entropy clamps it. (Debian's python3-torch, python3-mpmath.)
"""
import json
import math
import binary
import soft_targets
from generated import agree, number
from mpmath import mp, mpf
from torch.nn import functional as F


def soft_torch(case, v, t, w):
    z, lp, target, cw = soft_targets.tensors(case, v, t, w)
    if z is not None:
        return F.cross_entropy(z, target, weight=cw, reduction="none", label_smoothing=case["smoothing"]).tolist()
    return (-(lp * target * (1.0 if cw is None else cw)).sum(1)).tolist()


def soft(case):
    v, t, s, w = soft_targets.data(case)
    for values, target, sample, theirs in zip(v, t, s, soft_torch(case, v, t, w)):
        logs = soft_targets.log_q(case, values)
        loss = math.nan if math.isnan(theirs) else float(soft_targets.row_loss(case, target, logs, w))
        agree(case, "row loss", loss, theirs, 9 * max([1] + [abs(x) for x in values if math.isfinite(x)]))
        yield figures(loss, sample, logs[target.index(max(target))])


def elements(case):
    v, t, s, w, pos = binary.data(case)
    theirs = binary.torch_losses(case, v, t, w, pos, "none").tolist()
    for values, ours, row, sample in zip(v, binary.element_losses(case, v, t, w, pos), theirs, s):
        for value, loss, torch_loss in zip(values, ours, row):
            if mp.isfinite(loss):
                agree(case, "element", float(loss), torch_loss, 9 * max(1, abs(value)))
            yield figures(loss, sample, -binary.losses(case, value)[0])


def figures(loss, sample, log_p):
    s = 1.0 if sample is None else sample
    return [number(x) for x in (float(s * mpf(loss)) if s != 0 or mp.isfinite(loss) else math.nan, s, float(mp.exp(log_p)))]


def chosen(module, path, every, entries):
    cases = [dict(zip(module.KEYS, line)) for line in json.load(open(path))]
    return [c for c in cases if c["rows"] > 0 and c["seed"] % every == 0 and c["rows"] * c["classes"] <= entries]


if __name__ == "__main__":
    lines = [[c["seed"], *soft(c)] for c in chosen(soft_targets, "soft_targets.json", 5, 3000)]
    lines += [[c["seed"], *elements(c)] for c in chosen(binary, "binary.json", 4, 80)]
    with open("target_losses.json", "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines) + "\n]\n")
