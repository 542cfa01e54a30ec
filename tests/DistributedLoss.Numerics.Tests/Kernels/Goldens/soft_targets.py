#!/usr/bin/python3
"""Writes soft_targets.json: losses against soft targets and divergences from them, from mpmath at 50 digits and from PyTorch in float64.

A figure is the nearest double and what is left of it; torch is F.cross_entropy(reduction="none"), and for log-probs and probs its definition
with the logarithms given, and F.kl_div, summed over the classes. Where t = 0 meets p = 0, kl_div is NaN; the divergence here leaves such classes out.
"""
import json
import math
import torch
from mpmath import mp, mpf
from rows import draws, logits

mp.dps = 50
F = torch.nn.functional


def split(exact):
    return [float(exact), float(exact - mpf(float(exact)))]


def target_of(kind, classes, seed):
    x = [(d >> 11) * 2.0 ** -53 + 2.0 ** -40 for d in draws(seed, classes)]
    if kind == "one-hot":
        return [1.0 if c == seed % classes else 0.0 for c in range(classes)]
    if kind == "sparse":
        x = [v if c % 3 == 0 else 0.0 for c, v in enumerate(x)]
    if kind == "ties":
        x = [1.0] * classes
    return [v / sum(x) for v in x]


def as_input(kind, row):
    top = mpf(max(row))
    total = mp.fsum(mp.exp(mpf(z) - top) for z in row)
    logs = [mpf(z) - top - mp.log(total) for z in row]
    return row if kind == "logits" else [float(x) for x in logs] if kind == "logProbs" else [float(mp.exp(x)) for x in logs]


def exact_logs(kind, row, temperature):
    if kind == "logProbs":
        return [mpf(x) for x in row]
    if kind == "probs":
        return [mp.log(mpf(x)) for x in row]
    row = [mpf(z / temperature) for z in row]
    total = mp.log(mp.fsum(mp.exp(z - max(row)) for z in row))
    return [z - max(row) - total for z in row]


def case(kind, classes, scale, targets, smoothing, weighted, temperature, seed):
    row = as_input(kind, logits("random", scale, classes, 0, seed))
    target = target_of(targets, classes, seed + 1)
    weights = [(c % 4) * 0.7 for c in range(classes)] if weighted else None
    logs = exact_logs(kind, row, temperature)
    w = [mpf(x) for x in weights] if weights else [mpf(1)] * classes
    e = mpf(smoothing)
    loss = mp.fsum(-w[c] * (mpf(target[c]) * (1 - e) + e / classes) * logs[c] for c in range(classes))
    divergence = mp.fsum(mpf(t) * (mp.log(t) - logs[c]) for c, t in enumerate(target) if t != 0)
    z = torch.tensor([row], dtype=torch.float64)
    t = torch.tensor([target], dtype=torch.float64)
    tw = torch.tensor(weights, dtype=torch.float64) if weights else None
    if kind == "logits":
        torch_loss = F.cross_entropy(z / temperature, t, weight=tw, label_smoothing=smoothing, reduction="none").item()
        log_p = F.log_softmax(z / temperature, dim=1)
    else:
        log_p = z if kind == "logProbs" else z.log()
        torch_loss = -(log_p * (t * (1 - smoothing) + smoothing / classes) * (tw if weighted else 1)).sum().item()
    return dict(kind=kind, values=row, target=target, weights=weights, smoothing=smoothing, temperature=temperature,
                label=target.index(max(target)), loss=split(loss), divergence=split(divergence), torchLoss=torch_loss,
                torchDivergence=F.kl_div(log_p, t, reduction="sum").item(), shares=float(mp.fsum(w[c] * (mpf(target[c]) * (1 - e) + e / classes) for c in range(classes))))


def main():
    cases, seed = [], 50_000
    for kind in ("logits", "logProbs", "probs"):
        for classes in (1, 2, 3, 9, 33):
            for n, (scale, targets) in enumerate(((1, "dense"), (20, "sparse"), (300, "dense"), (5, "one-hot"), (3, "ties"))):
                seed += 2
                smoothing = (0.0, 0.1, 0.0, 0.25, 1.0)[(n + classes) % 5]
                temperature = 1.7 if kind == "logits" and n == 1 else 1.0
                cases.append(case(kind, classes, scale, targets, smoothing, (n + classes) % 2 == 0, temperature, seed))
    with open("soft_targets.json", "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(len(cases), max(abs(c["torchLoss"] / c["loss"][0] - 1) if c["loss"][0] else 0 for c in cases))


if __name__ == "__main__":
    main()
