"""scripts/bench: see its --help and docs/performance.md."""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time

from . import check, dumps, machine, tables
from .lines import TABLE, Skipped
from .servers import ServerError
from .session import Session
from .timing import Clock, load, stolen


def say(text):
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures dloss beside its peers, and writes benchmarks/results and the README's table.")
    parser.add_argument("--data", metavar="DIR", help="dumps that are there already (img_none.parquet and so on); what is missing is written elsewhere")
    parser.add_argument("--arrays", metavar="DIR", help="their logits and labels as arrays, where those are there already (img.f32, img.i32 and so on)")
    parser.add_argument("--only", metavar="LINES", help="lines by the beginning of their names, with commas: " + ", ".join(line.name for line in TABLE))
    parser.add_argument("--resume", action="store_true", help="go on with the last run of the same sources: what it measured stands, unless --only names it")
    parser.add_argument("--seconds", type=float, default=15, help="time for each line's repetitions (default 15; at least 5, at most 31 turns)")
    parser.add_argument("--no-write", action="store_true", help="print the table, and leave benchmarks/results and README.md as they are")
    parser.add_argument("--check", action="store_true", help="small dumps, every value compared, no time asserted; and the README's table is that of benchmarks/results")
    parser.add_argument("--render", action="store_true", help="write the tables of benchmarks/results/bench.json again, without measuring")
    parser.add_argument("--cache", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(only):
    if not only:
        return TABLE
    prefixes = only.split(",")
    unknown = [prefix for prefix in prefixes if not any(line.name.startswith(prefix) for line in TABLE)]
    if unknown:
        raise SystemExit(f"scripts/bench: no line begins with {', '.join(unknown)}; there are {', '.join(line.name for line in TABLE)}")
    return tuple(line for line in TABLE if line.name.startswith(tuple(prefixes)))


def measure(session, line):
    """A line's entry in the results, also where it failed: the others are measured all the same."""
    entry = {"name": line.name, "dump": line.dump, "against": line.against, "target": line.target, "ceiling": line.ceiling}
    entry["date"] = now()
    began, (stolen_before, ticks_before) = time.monotonic(), stolen()
    try:
        entry |= line.measure(session)
        entry["reached"] = line.reached(entry["ratio"])
    except Skipped as reason:
        entry["skipped"] = str(reason)
    except ServerError as error:
        entry["error"] = str(error)
        session.restart()
    stolen_after, ticks_after = stolen()
    entry["load"] = load()
    entry["stolen"] = round((stolen_after - stolen_before) / max(ticks_after - ticks_before, 1e-9), 4)
    entry["tookSeconds"] = round(time.monotonic() - began, 1)
    return entry


def full(options):
    shapes, cache = dumps.FULL, options.cache
    data = dumps.Data(shapes, options.data or os.path.join(cache, "dumps"), options.arrays or os.path.join(cache, "arrays"))
    state_file, commit, sources = os.path.join(cache, "last-run.json"), machine.commit(), machine.sources()
    done = {}
    if options.resume and os.path.exists(state_file):
        with open(state_file, encoding="utf-8") as file:
            state = json.load(file)
        if state.get("sources") == sources:
            done = {entry["name"]: entry for entry in state["lines"] if "ratio" in entry}
        else:
            say(f"the last run was of commit {state['commit']}, whose sources are not those of {commit}: it begins anew")
    session = Session(cache, data, Clock(options.seconds), say)
    try:
        data.make(session.ours, session.peers, say)
        if load() > 1:
            say(f"warning: a load of {load():.1f}: something else runs on this machine, and the times will be off")
        results = {"commit": commit, "sources": sources, "date": now(), "machine": machine.describe(session.peers)}
        results["lines"] = [done[line.name] for line in TABLE if line.name in done]
        wanted = [line for line in chosen(options.only) if options.only or line.name not in done]
        for number, line in enumerate(wanted, 1):
            say(f"{number} of {len(wanted)}: {line.name} ({line.dump}: {line.against})")
            done[line.name] = entry = measure(session, line)
            say("    " + summary(entry))
            results["lines"] = [done[line.name] for line in TABLE if line.name in done]
            with open(state_file + ".part", "w", encoding="utf-8") as out:
                json.dump(results, out)
            os.replace(state_file + ".part", state_file)
    finally:
        session.close()
    print(tables.render(results), end="")
    missing = [line.name for line in TABLE if line.name not in done]
    if missing and not options.no_write:
        say(f"not written to benchmarks/results: {len(missing)} lines were not measured; scripts/bench --resume measures them")
    elif not options.no_write:
        tables.write(results)
        say("written: benchmarks/results/bench.json, bench.md, and README.md's table")
    return 1 if any("error" in entry for entry in done.values()) else 0


def summary(entry):
    if "ratio" not in entry:
        return "skipped: " + entry["skipped"] if "skipped" in entry else "FAILED: " + entry["error"]
    sides = ", ".join(f"{name} {times(entry[side])}" for name, side in (("ours", "ours"), (entry["theirs"].get("name", "theirs"), "theirs")))
    return f"{sides}: {tables.ratio(entry['ratio'])}; {tables.verdict(entry)}; took {entry['tookSeconds']} s, load {entry['load']:.1f}, stolen {entry['stolen']:.1%}"


def times(side):
    return f"{side['seconds']:.4f} s" + (f" ({side['cpuSeconds']:.4f} of the processor)" if "cpuSeconds" in side else "")


def checked(options):
    """Every line once, on small dumps: what fails is a value that is wrong, or a program that does not run."""
    with tempfile.TemporaryDirectory(prefix="dloss-bench-check-") as folder:
        data = dumps.Data(dumps.small(), os.path.join(folder, "dumps"), os.path.join(folder, "arrays"))
        session = Session(options.cache, data, Clock(0, quick=True), say)
        try:
            data.make(session.ours, session.peers, say)
            entries = [check.reference(session, name) for name in data.files]
            entries += [measure(session, line) for line in chosen(options.only)]
        finally:
            session.close()
    for entry in entries:
        print(f"{entry['name']}: " + (f"skipped: {entry['skipped']}" if "skipped" in entry else f"FAILED: {entry['error']}" if "error" in entry else "values agree"))
    drifted = tables.differences()
    for difference in drifted:
        print(f"FAILED: {difference}")
    failed = len(drifted) + sum("error" in entry for entry in entries)
    print(f"bench: {len(entries) - failed} checked or skipped, {failed} failed")
    return 1 if failed else 0


def main():
    options = arguments()
    os.makedirs(options.cache, exist_ok=True)
    if options.render:
        with open(tables.JSON_FILE, encoding="utf-8") as file:
            tables.write(json.load(file))
        return 0
    try:
        return checked(options) if options.check else full(options)
    except ServerError as error:
        raise SystemExit(f"scripts/bench: {error}") from error
    except KeyboardInterrupt:
        say("stopped; scripts/bench --resume goes on with the lines that are not measured yet")
        return 130


if __name__ == "__main__":
    sys.exit(main())
