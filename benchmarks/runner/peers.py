"""The programs to compare with: what is installed, how each is started, and which version it is."""

import os
import shutil
import subprocess

from .servers import Server

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCES = os.path.join(ROOT, "benchmarks", "peers")
# The system's own, where apt puts python3-torch; another one may come first on the PATH.
PYTHON = "/usr/bin/python3"


def output(*command):
    """The first line that a command prints, or None where it cannot run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.strip().split("\n")[0]
    except (OSError, subprocess.SubprocessError):
        return None


class Peers:
    """Those missing are None, and their lines are skipped with a reason."""

    def __init__(self, cache):
        self._cache = cache
        self.torch = output(PYTHON, "-c", "import torch, numpy; print(torch.__version__)")
        self.duckdb = self._package("@duckdb/node-api")
        self.polars = self._package("nodejs-polars")
        self.gcc = output("gcc", "--version")

    def environment(self):
        return {**os.environ, "NODE_PATH": os.path.join(self._cache, "node_modules")}

    def node(self, script):
        return ["node", os.path.join(SOURCES, script)]

    def start_torch(self, logits, labels, classes):
        return Server("PyTorch", [PYTHON, os.path.join(SOURCES, "tensors.py"), logits, labels, str(classes)], {"OMP_NUM_THREADS": "1"})

    def start_duckdb(self):
        return Server("DuckDB", self.node("sql.js"), self.environment())

    def start_polars(self):
        return Server("Polars", self.node("dataframe.js"), {**self.environment(), "POLARS_MAX_THREADS": "1"})

    def start_loop(self, logits, labels, classes):
        return Server("C loop", [self._loop(), logits, labels, str(classes)])

    def _package(self, name):
        if not shutil.which("node"):
            return None
        # Loading it is the proof: a package for another platform is there and cannot be used.
        script = f"require('{name}'); console.log(JSON.parse(require('fs').readFileSync('{self._cache}/node_modules/{name}/package.json')).version)"
        try:
            found = subprocess.run(["node", "-e", script], env=self.environment(), capture_output=True, text=True, check=True, timeout=120)
        except (OSError, subprocess.SubprocessError):
            return None
        return found.stdout.strip()

    def _loop(self):
        program = os.path.join(self._cache, "loop")
        source = os.path.join(SOURCES, "loop.c")
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
            with open("/proc/cpuinfo", encoding="utf-8") as cpu:
                wide = ["-mprefer-vector-width=512"] if "avx512f" in cpu.read() else []
            subprocess.run(["gcc", "-O3", "-march=native", "-ffast-math", *wide, source, "-o", program, "-lm"], check=True)
        return program
