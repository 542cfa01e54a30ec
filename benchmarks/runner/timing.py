"""Two or more sides that take turns."""

import os
import statistics
import time

# Single runs differ by some per cent on an idle machine.
NEAR, MOST_CONTENDERS = 1.15, 3
LEAST_REPETITIONS, MOST_REPETITIONS = 5, 31
# Runtime compilers replace code while it is warm: .NET's needs 30 calls and its own pauses of 100 ms.
WARM_SECONDS, WARM_RUNS = 1.5, 3


class Clock:
    """How long to measure. `quick` runs everything once: values count there, not times."""

    def __init__(self, seconds, quick=False):
        self.seconds = seconds
        self.quick = quick

    def warm(self, run):
        """Runs until it is warm; returns the last answer."""
        answer = run()
        if not self.quick:
            began, runs = time.perf_counter(), 1
            while runs < WARM_RUNS or time.perf_counter() - began < WARM_SECONDS:
                answer = run()
                runs += 1
                # What takes this long is not waiting for a compiler.
                if answer["seconds"] > WARM_SECONDS:
                    break
        return answer

    def alternate(self, *sides):
        """Each side in turn, over and over; every side is a function that gives an answer with `seconds`. A list of answers a side."""
        first = [side() for side in sides]
        if self.quick:
            return [[answer] for answer in first]
        # The first turn is not counted: each side finds the caches as the others leave them from the second one on.
        turn = sum(answer["seconds"] for answer in first)
        turns = min(MOST_REPETITIONS, max(LEAST_REPETITIONS, int(self.seconds / max(turn, 1e-9)))) | 1
        answers = [[] for _ in sides]
        for _ in range(turns):
            for side, kept in zip(sides, answers):
                kept.append(side())
        return answers

    def fastest(self, names, run):
        """Tries each formulation and returns their best times by name, fastest first. `run(name)` gives an answer, or None for one that does not count."""
        times = {}
        for name in names:
            answer = run(name)
            if answer is None:
                continue
            best = answer["seconds"]
            if not self.quick:
                # Slow ones are warm after the first; they are tried twice all the same unless that takes long.
                for _ in range(3 if best < 0.7 else 1 if best < 3 else 0):
                    best = min(best, run(name)["seconds"])
            times[name] = best
        return dict(sorted(times.items(), key=lambda item: item[1]))

    def contenders(self, times):
        """The formulations whose best times (as `fastest` gives them) are too close to tell which is the fastest: they all take turns."""
        least = min(times.values())
        return [name for name, seconds in times.items() if seconds <= NEAR * least][: 1 if self.quick else MOST_CONTENDERS]


def median(answers, key="seconds"):
    return statistics.median(answer[key] for answer in answers)


def samples(answers, key="seconds"):
    return [round(answer[key], 6) for answer in answers]


def load():
    """Processes that wanted to run, averaged over the last minute: ours are at most one or two."""
    return os.getloadavg()[0]


def stolen():
    """Seconds of processor time that the hypervisor gave to others, and all seconds, since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(field) for field in stat.readline().split()[1:]]
    return ticks[7] / 100, sum(ticks[:8]) / 100
