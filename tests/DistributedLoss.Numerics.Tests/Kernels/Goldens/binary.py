#!/usr/bin/python3
"""Writes binary.json: losses, top losses, entropies and Brier scores of independent binary elements, from mpmath and from PyTorch in float64.

A figure is the nearest double and what is left of it. torch is F.binary_cross_entropy_with_logits(pos_weight=positive), and
F.binary_cross_entropy where that does not clamp a logarithm at -100; else null.
"""
import json
import math
import torch
from mpmath import mp, mpf
from rows import draws

mp.dps = 750  # 1 - p of a logit of 700 needs 305 digits, its square twice as many
F = torch.nn.functional


def split(exact):
    if mp.isinf(exact):
        return ["Infinity", 0.0]
    return [float(exact), float(exact - mpf(float(exact)))]


def times(weight, log):
    return mpf(0) if weight == 0 else weight * log


def minus_log(x):
    return mp.inf if x == 0 else -mp.log(x)


def logit(z, t, positive):
    # The side that z is not on has q = exp(-|z|) / (1 + exp(-|z|)).
    e = mp.exp(-abs(mpf(z)))
    log, q = mp.log1p(e), e / (1 + e)
    of_positive, of_negative = (log, abs(mpf(z)) + log) if z > 0 else (abs(mpf(z)) + log, log)
    p_minus_t = (1 - mpf(t)) - q if z > 0 else q - mpf(t)
    torch_loss = F.binary_cross_entropy_with_logits(
        torch.tensor(z, dtype=torch.float64), torch.tensor(t, dtype=torch.float64), pos_weight=torch.tensor(positive, dtype=torch.float64)).item()
    return dict(kind="logits", value=z, target=t, positive=positive, loss=split(mpf(positive) * t * of_positive + (1 - mpf(t)) * of_negative),
                topLoss=split(log), entropy=split(log + q * abs(mpf(z))), brier=split(p_minus_t ** 2), torch=torch_loss)


def prob(p, t):
    x = mpf(p)
    of_positive, of_negative = minus_log(x), minus_log(1 - x)
    torch_loss = F.binary_cross_entropy(torch.tensor(p, dtype=torch.float64), torch.tensor(t, dtype=torch.float64)).item()
    return dict(kind="probs", value=p, target=t, positive=1.0, loss=split(times(mpf(t), of_positive) + times(1 - mpf(t), of_negative)),
                topLoss=split(of_positive if p > 0.5 else of_negative), entropy=split(times(x, of_positive) + times(1 - x, of_negative)),
                brier=split((x - t) ** 2), torch=torch_loss if min(p, 1 - p) > 1e-40 else None)


uniform = [(d >> 11) * 2.0 ** -53 for d in draws(7, 200)]
targets = [0.0, 1.0, 0.5, 0.1, 1 - 2.0 ** -53, 1e-20]
cases = []
for n, a in enumerate([0.0, 1e-300, 1e-9, 0.5, 5.0, 36.9, 44.0, 300.0, 707.5, 709.9, 744.0, 750.0, 1e10, 1e300]):
    for z in (a, -a):
        cases += [logit(z, t, (1.0, 0.0, 2.5)[(n + i) % 3]) for i, t in enumerate(targets)]
cases += [logit((uniform[i] - 0.5) * 30, uniform[i + 1] if i % 4 else float(uniform[i + 1] > 0.5), 1.0 if i % 3 else 4 * uniform[i + 2]) for i in range(60)]
for p in (0.0, 5e-324, 1e-310, 1e-300, 1e-17, 0.1, 0.2928932188134524, 0.2928932188134525, 0.5, 0.7, 0.9, 1 - 2.0 ** -53, 1.0):
    cases += [prob(p, t) for t in targets]
cases += [prob(uniform[100 + i], uniform[101 + i] if i % 2 else float(uniform[101 + i] > 0.5)) for i in range(40)]
with open("binary.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases))
