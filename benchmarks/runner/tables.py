"""The results as Markdown, and the README's copy of them."""

import json
import os

from .peers import ROOT

RESULTS = os.path.join(ROOT, "benchmarks", "results")
JSON_FILE, TABLE_FILE = os.path.join(RESULTS, "bench.json"), os.path.join(RESULTS, "bench.md")
README = os.path.join(ROOT, "README.md")
BEGIN, END = "<!-- benchmarks/results/bench.md: written by scripts/bench -->", "<!-- end of benchmarks/results/bench.md -->"


def render(results):
    machine, versions = results["machine"], results["machine"]["versions"]
    lines = [
        f"{machine['processor']}; {machine['processors']} processors, {machine['memoryGiB']} GiB, {machine['system']}; .NET SDK {versions['dotnetSdk']}, "
        f"PyTorch {versions['pytorch']}, DuckDB {versions['duckdb']}, Polars {versions['polars']}, {versions['gcc']}; "
        f"commit {(results['commit'] or 'unknown')[:12]}, {results['date'][:10]}. Medians, in seconds.",
        "",
        "| dump | against | theirs | ours | ratio | to reach | |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [_row(line) for line in results["lines"]]
    notes = [note for line in results["lines"] for note in _notes(line)]
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def _row(line):
    bound = f"at most {line['target']:g}" if line["ceiling"] else f"{line['target']:g}"
    start = f"| {_dump(line['dump'])} | {line['against']} |"
    if "ratio" not in line:
        return f"{start} | | | {bound} | {'skipped' if 'skipped' in line else 'failed'} |"
    return f"{start} {_seconds(line['theirs'])} | {_seconds(line['ours'])} | {ratio(line['ratio'])} | {bound} | {'reached' if line['reached'] else '**not reached**'} |"


def _dump(name):
    return f"`{name}`" if "_" in name else name


def _seconds(side):
    return f"{side['seconds']:.4f}"


def ratio(value):
    return f"{value:.2f}" if value < 100 else "over 100"


def _notes(line):
    name = f"`{line['dump']}`, {line['against']}"
    if "error" in line or "skipped" in line:
        yield f"{name}: {line.get('error') or 'skipped: ' + line['skipped']}."
        return
    theirs = line["theirs"]
    if "precision" in theirs:
        limits = "" if theirs["safe"] else "; overflows on large logits"
        yield f"{name}: `{theirs['name']}`, {theirs['precision']}, its mean off by {theirs['relativeError']:.1e}{limits}."
    for wrong in line.get("wrong", {}).values():
        yield f"Not counted: {wrong}."
    if "addingUp" in line:
        yield f"{name}: only adding the same floats up in RAM takes {_seconds(line['addingUp'])} s."
    if "twoProcesses" in line:
        loops = f", two C loops {ratio(line['twoLoops']['ratio'])} of one" if "twoLoops" in line else ""
        yield f"{name}: two independent processes of ours reach {ratio(line['twoProcesses']['ratio'])} of one{loops}, on this machine."


def write(results):
    os.makedirs(RESULTS, exist_ok=True)
    with open(JSON_FILE, "w", encoding="utf-8") as out:
        json.dump(results, out, indent=1)
        out.write("\n")
    table = render(results)
    with open(TABLE_FILE, "w", encoding="utf-8") as out:
        out.write(table)
    before, _, after = _split_readme()
    with open(README, "w", encoding="utf-8") as out:
        out.write(f"{before}{BEGIN}\n\n{table}\n{END}{after}")


def differences():
    """What is not as `write` leaves it: the table beside the JSON, and the README beside the table. Empty where nothing was measured yet."""
    if not os.path.exists(JSON_FILE):
        return []
    with open(JSON_FILE, encoding="utf-8") as file:
        table = render(json.load(file))
    with open(TABLE_FILE, encoding="utf-8") as file:
        found = [] if file.read() == table else ["benchmarks/results/bench.md is not the table of bench.json; run scripts/bench --render"]
    return found + ([] if _split_readme()[1].strip() == table.strip() else ["README.md does not have the table of benchmarks/results/bench.md; run scripts/bench --render"])


def _split_readme():
    with open(README, encoding="utf-8") as file:
        text = file.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"scripts/bench: README.md has to have the lines {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    return before, *rest.split(END)
