"""One run of the benchmark: its programs, its data, and what the lines ask of them."""

import json
import os
import subprocess
import tempfile

from . import ours as own
from .peers import Peers
from .servers import ServerError


class Session:
    def __init__(self, cache, data, clock, say):
        self._say = say
        self._published = {}
        self._codecs = None
        self._figures = {}
        self._temporary = tempfile.TemporaryDirectory(prefix="dloss-bench-")
        self.folder = self._temporary.name
        self.clock = clock
        self.data = data
        self.peers = Peers(cache)
        self._driver = own.build(say, "benchmarks/DistributedLoss.Bench")
        self.ours = self.start_ours()

    def close(self):
        self.ours.close()
        self._temporary.cleanup()

    def restart(self):
        """After a line that failed: its answers may still be on their way."""
        self.ours.close()
        self.ours = self.start_ours()

    def start_ours(self):
        return own.start(self._driver)

    def start_torch(self, shape):
        return self.peers.start_torch(self.data.array(shape.name, "f32"), self.data.array(shape.name, "i32"), shape.classes)

    def start_loop(self, shape):
        return self.peers.start_loop(self.data.array(shape.name, "f32"), self.data.array(shape.name, "i32"), shape.classes)

    def request(self, dump, workers=1):
        _, file = self.data.files[dump]
        return {"op": "evaluate", "path": self.data.path(dump), "prefix": file.prefix, "packed": file.packed, "workers": workers}

    def evaluate(self, dump, workers=1):
        """One evaluation by our own process. Its digest must be that of the dump's first one, whatever the workers, and that of the rows' values where it is known."""
        answer = self.ours.ask(**self.request(dump, workers))
        shape, file = self.data.files[dump]
        if answer["rows"] != shape.rows:
            raise ServerError(f"ours: {dump} has {answer['rows']} rows, not {shape.rows}")
        first = self._figures.setdefault(dump, answer)
        known = shape.digest if file.type == "Float32" else None
        if answer["digest"] != first["digest"] or not answer["digest"].startswith(known or ""):
            raise ServerError(f"ours: {dump} has the digest {answer['digest']}, not {known or first['digest']}")
        return answer

    def warm(self, dump, workers=1):
        self.clock.warm(lambda: self.evaluate(dump, workers))

    def mean(self, dump):
        return self._figures[dump]["mean"]

    def decompress(self, dump):
        """Seconds of the codec's own library for the dump's pages."""
        self._codecs = self._codecs or own.build(self._say, "benchmarks/DistributedLoss.Codecs")
        command = ["dotnet", os.path.join(self._codecs, "dloss-codecs.dll"), "1" if self.clock.quick else "9", self.data.path(dump)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerError(f"dloss-codecs: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def published(self, project, name):
        if name not in self._published:
            # Compiling ahead takes its time, and a check does not ask how fast it starts.
            folder = own.build(self._say, project) if self.clock.quick else own.publish(self.folder, self._say, project)
            self._published[name] = os.path.join(folder, name)
        return self._published[name]
