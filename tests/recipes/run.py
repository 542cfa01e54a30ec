"""Runs the recipes of the documentation: scripts/recipes."""
import contextlib
import importlib.util
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import cases

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGES = ["docs/recipes.md", "README.md"]
BLOCK = re.compile(r"<!-- recipe (?P<name>\S+) -->\n```(?P<language>python|sql)\n(?P<code>.*?)```(?:\n\n```sh\n(?P<commands>.*?)```)?", re.S)


def has(module):
    return importlib.util.find_spec(module) is not None


HAS_PYARROW = has("pyarrow")
HAS_NODE = (Path(os.environ["DLOSS_RECIPES_CACHE"]) / "package.json").exists()


def missing(name, code):
    """Why a recipe cannot be run here; None where it can."""
    for module in ("torch", "pandas", "numpy"):
        if (name.split("-")[0] == module or f"import {module}" in code) and not has(module):
            return f"no {module}"
    if not has("numpy"):
        return "no numpy"
    if not HAS_NODE and (code.startswith("SELECT") or not HAS_PYARROW):
        return "no pyarrow, and no npm for what stands in for it"
    return None


def run(name, block):
    case = cases.CASES[name]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        scope = {}
        case.begin(scope)
        output = io.StringIO()
        if block["language"] == "sql":
            query = subprocess.run(["node", str(HERE / "node/query.js")], input=block["code"], text=True, capture_output=True, check=True)
            scope["rows"] = query.stdout
        else:
            with contextlib.redirect_stdout(output):
                exec(compile(block["code"], f"recipe {name}", "exec"), scope)
        scope["output"] = output.getvalue()
        for command in (block["commands"] or "").splitlines():
            scope["result"] = cases.dloss(*command.removeprefix("dloss ").split())
        return case.check(scope)


def main(names):
    if not HAS_PYARROW:
        if has("pandas"):
            # It looks for pyarrow as it is imported, and does without.
            import pandas  # noqa: F401
        sys.path.insert(0, str(HERE / "stand_in"))
        print("no pyarrow here: the stand-in of tests/recipes/stand_in takes its place")
    blocks = {m["name"]: (page, m) for page in PAGES for m in BLOCK.finditer((ROOT / page).read_text())}
    if differing := set(blocks) ^ set(cases.CASES):
        sys.exit(f"scripts/recipes: {', '.join(sorted(differing))}: not both in the documentation and in tests/recipes/cases.py")
    if unknown := set(names) - set(blocks):
        sys.exit(f"scripts/recipes: {', '.join(sorted(unknown))}: no such recipe; there are {', '.join(blocks)}")
    ran = skipped = failed = 0
    for name, (page, block) in blocks.items():
        if names and name not in names:
            continue
        if reason := missing(name, block["code"]):
            skipped += 1
            print(f"skipped  {name}: {reason}")
            continue
        try:
            print(f"ran      {name} ({page}): {run(name, block)}")
            ran += 1
        except Exception as e:
            failed += 1
            trouble = e.stderr.strip() if isinstance(e, subprocess.CalledProcessError) and e.stderr else "".join(traceback.format_exception(e))
            print(f"FAILED   {name} ({page}): {trouble}")
    print(f"{ran} recipes ran, {skipped} skipped, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
