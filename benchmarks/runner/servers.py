"""Processes that answer requests: one line of JSON in, one out. Ours and the peers' are all of this kind, up and warm while a line is measured."""

import json
import os
import queue
import subprocess
import threading

# No request takes longer than some 10 s on the machines that this ran on; one that does not come back at all must not hold up the table.
TIMEOUT = 300


class ServerError(Exception):
    """A process died, did not answer, or answered with an error."""


class Server:
    def __init__(self, name, command, environment=None):
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
        )
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def begin(self, **request):
        """Sends a request; `finish` waits for its answer. Two servers that have begun run at the same time."""
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ServerError(f"{self.name}: {error}") from error

    def finish(self):
        try:
            line = self._lines.get(timeout=TIMEOUT)
        except queue.Empty:
            self._process.kill()
            raise ServerError(f"{self.name}: no answer in {TIMEOUT} s") from None
        if line is None:
            raise ServerError(f"{self.name}: the process ended with exit code {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise ServerError(f"{self.name}: {answer['error']}")
        return answer

    def ask(self, **request):
        self.begin(**request)
        return self.finish()

    def close(self):
        try:
            self._process.stdin.close()
            self._process.wait(timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)
