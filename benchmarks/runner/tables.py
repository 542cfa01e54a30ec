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
    text = [
        f"{machine['processor']}; {machine['processors']} processors, {machine['memoryGiB']} GiB, {machine['system']}; .NET SDK {versions['dotnetSdk']}, "
        f"PyTorch {versions['pytorch']}, DuckDB {versions['duckdb']}, Polars {versions['polars']}, {versions['gcc']}; "
        f"commit {(results['commit'] or 'unknown')[:12]}, {results['date'][:10]}. Medians in seconds."
    ]
    measured = [line for line in results["lines"] if "ratio" in line]
    workers = [line for line in measured if "twoProcesses" in line]
    codecs = [line for line in measured if "compressed" in line["ours"]]
    others = [line for line in measured if line not in workers and line not in codecs]
    text += _table("| dump | against | theirs | ours | ratio | to reach | |", "| --- | --- | ---: | ---: | ---: | ---: | --- |", map(_line, others))
    text += _table("| dump | `img_none` | the dump | it takes longer by | the codec alone takes | ratio | to reach | |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |", map(_codec, codecs))
    text += _table("| dump | 1 worker | 2 workers | ratio | to reach | | two processes of ours | two C loops |", "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |", map(_workers, workers))
    notes = [note for line in results["lines"] for note in _notes(line)]
    return "\n".join(text + ([""] if notes else []) + notes) + "\n"


def ratio(value):
    return f"{value:.2f}" if value < 100 else "over 100"


def verdict(line):
    if line["reached"] is None:
        return ""
    return "reached" if line["reached"] else "**not reached**"


def _table(head, rule, rows):
    rows = list(rows)
    return ["", head, rule, *rows] if rows else []


def _line(line):
    theirs = line["theirs"]
    against = line["against"]
    if "precision" in theirs:
        against += f": `{theirs['name']}`; {theirs['precision']}, off by {theirs['relativeError']:.0e}" + ("" if theirs["safe"] else ", overflows on large logits")
    return f"| {_dump(line)} | {against} | {_seconds(theirs)} | {_seconds(line['ours'])} | {_judged(line)} |"


def _codec(line):
    ours = line["ours"]
    return f"| {_dump(line)} | {_seconds(ours['plain'])} | {_seconds(ours['compressed'])} | {_seconds(ours)} | {_seconds(line['theirs'])}, {line['theirs']['name']} | {_judged(line)} |"


def _workers(line):
    loops = ratio(line["twoLoops"]["ratio"]) if "twoLoops" in line else ""
    return f"| {_dump(line)} | {_seconds(line['theirs'])} | {_seconds(line['ours'])} | {_judged(line)} | {ratio(line['twoProcesses']['ratio'])} | {loops} |"


def _judged(line):
    bound = "" if line["target"] is None else f"{'at most ' if line['ceiling'] else ''}{line['target']:g}"
    return f"{ratio(line['ratio'])} | {bound} | {verdict(line)}"


def _dump(line):
    return f"`{line['dump']}`" if "_" in line["dump"] else line["dump"]


def _seconds(side):
    return f"{side['seconds']:.4f}"


def _notes(line):
    name = f"{_dump(line)}, {line['against']}"
    if "error" in line:
        yield f"- {name}: failed: {line['error']}."
    if "skipped" in line:
        yield f"- {name}: skipped: {line['skipped']}."
    for wrong in line.get("wrong", {}).values():
        yield f"- Not counted: {wrong}."
    if "addingUp" in line:
        yield f"- {name}: only adding the same floats up in RAM takes {_seconds(line['addingUp'])}, only reading the file from the page cache {_seconds(line['reading'])}."


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
