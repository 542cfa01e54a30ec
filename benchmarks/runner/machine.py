"""Where and with what a table was measured."""

import os
import platform

from .peers import ROOT, output


def describe(peers):
    with open("/proc/meminfo", encoding="ascii") as memory:
        kilobytes = int(memory.readline().split()[1])
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memoryGiB": round(kilobytes / (1 << 20), 1),
        "system": _system(),
        "kernel": platform.release(),
        "versions": {
            "dotnetSdk": output("dotnet", "--version"),
            "pytorch": peers.torch,
            "duckdb": peers.duckdb,
            "polars": peers.polars,
            "gcc": peers.gcc,
            "node": output("node", "--version"),
            "zstd": _library("libzstd.so.1"),
            "lz4": _library("liblz4.so.1"),
            "snappy": _library("libsnappy.so.1"),
        },
    }


# What a time depends on: a commit that touches nothing of it goes on with a run.
MEASURED = ("src", "benchmarks/peers", "benchmarks/runner", "benchmarks/DistributedLoss.Bench", "benchmarks/DistributedLoss.Codecs", "Directory.Build.props")


def commit():
    """The commit that is checked out; with `+changes` if the sources differ from it. None outside a repository."""
    head = output("git", "-C", ROOT, "rev-parse", "HEAD")
    changed = output("git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no", "--", *MEASURED)
    return head and head + ("+changes" if changed else "")


def sources():
    """The same for any commits whose sources are the same; None outside a repository."""
    trees = [output("git", "-C", ROOT, "rev-parse", f"HEAD:{path}") for path in MEASURED]
    return None if None in trees else "-".join(tree[:12] for tree in trees) + ("+changes" if (commit() or "").endswith("+changes") else "")


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as cpu:
        fields = dict(line.split(":", 1) for line in cpu.read().split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    name = fields.get("model name", platform.machine())
    # Cloud machines hide the model's name, and tell family, model and stepping.
    return f"{name}, family {fields['cpu family']} model {fields['model']}" if "cpu family" in fields else name


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError, AttributeError):
        return platform.system()


def _library(name):
    """The file behind a shared library's name, which tells its version: libzstd.so.1.5.4."""
    for folder in ("/lib", "/usr/lib"):
        for arch in (f"{platform.machine()}-linux-gnu", ""):
            path = os.path.join(folder, arch, name)
            if os.path.exists(path):
                return os.path.basename(os.path.realpath(path))
    return None
