"""PyTorch on one thread, on logits that are in RAM before any clock starts.

tensors.py LOGITS LABELS C: float32 and int32 files. {"op": "list", "precision": P} names the formulations of the mean loss, {"op": "run", "query": NAME} times one.
"""

import json
import sys
import time

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_grad_enabled(False)

logits_file, labels_file, classes = sys.argv[1], sys.argv[2], int(sys.argv[3])
logits = torch.from_numpy(numpy.fromfile(logits_file, dtype=numpy.float32).reshape(-1, classes))
labels = torch.from_numpy(numpy.fromfile(labels_file, dtype=numpy.int32).astype(numpy.int64))
rows = len(labels)


def cross_entropy(x, y):
    return F.cross_entropy(x, y, reduction="none")


def logsumexp(x, y):
    return torch.logsumexp(x, 1) - x.gather(1, y[:, None])[:, 0]


def log_softmax(x, y):
    return -F.log_softmax(x, 1).gather(1, y[:, None])[:, 0]


def whole(loss, dtype):
    return lambda: loss(logits.to(dtype), labels).double().mean().item()


def chunked(loss, dtype, chunk):
    """Pieces that stay in the cache. Their sums are added in float64: that costs nothing, and a float32 sum of many rows would be worse."""
    step = max(1, chunk // (4 * classes))

    def run():
        total = 0.0
        for start in range(0, rows, step):
            total += loss(logits[start : start + step].to(dtype), labels[start : start + step]).double().sum().item()
        return total / rows

    return run


MiB = 1 << 20
formulations = {
    "float32": {
        "F.cross_entropy": lambda: F.cross_entropy(logits, labels).item(),
        "logsumexp": whole(logsumexp, torch.float32),
        "F.cross_entropy, 256 KiB chunks": chunked(cross_entropy, torch.float32, MiB // 4),
        "F.cross_entropy, 1 MiB chunks": chunked(cross_entropy, torch.float32, MiB),
        "log_softmax and gather, 1 MiB chunks": chunked(log_softmax, torch.float32, MiB),
        "logsumexp, 256 KiB chunks": chunked(logsumexp, torch.float32, MiB // 4),
        "logsumexp, 1 MiB chunks": chunked(logsumexp, torch.float32, MiB),
    },
    "float64": {
        "F.cross_entropy, 256 KiB chunks": chunked(cross_entropy, torch.float64, MiB // 4),
        "F.cross_entropy, 1 MiB chunks": chunked(cross_entropy, torch.float64, MiB),
        "logsumexp, 256 KiB chunks": chunked(logsumexp, torch.float64, MiB // 4),
        "logsumexp, 1 MiB chunks": chunked(logsumexp, torch.float64, MiB),
    },
}


def answer(request):
    if request["op"] == "list":
        return {"formulations": [{"name": name, "precision": request["precision"], "safe": True} for name in formulations[request["precision"]]]}
    run = formulations[request["precision"]][request["query"]]
    began, cpu = time.perf_counter(), time.process_time()
    mean = run()
    return {"seconds": time.perf_counter() - began, "cpuSeconds": time.process_time() - cpu, "mean": mean, "rows": rows}


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
