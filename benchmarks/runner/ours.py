"""Our own programs, built once for a run."""

import os
import resource
import subprocess
import time

from .peers import ROOT
from .servers import Server, ServerError

# No build server may outlive a run.
BUILD_ENVIRONMENT = {
    "DOTNET_CLI_UI_LANGUAGE": "en",
    "DOTNET_NOLOGO": "1",
    "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
    "DOTNET_CLI_USE_MSBUILD_SERVER": "0",
    "MSBUILDDISABLENODEREUSE": "1",
}


def build(say, project):
    """Builds a project where the solution's own build has it, so that what CI built is not built again; returns its folder of output."""
    say(f"building {os.path.basename(project)}")
    _dotnet("build", os.path.join(ROOT, project), "-c", "Release")
    return os.path.join(ROOT, project, "bin", "Release", "net10.0")


def publish(folder, say, project):
    """Publishes a program for this platform, as README.md says for the `dloss` command; returns its folder."""
    name = os.path.basename(project)
    target = os.path.join(folder, name)
    say(f"publishing {name}")
    _dotnet("publish", os.path.join(ROOT, project), "-c", "Release", "--use-current-runtime", "--self-contained", "false", "-o", target)
    return target


def start(folder):
    return Server("ours", ["dotnet", os.path.join(folder, "dloss-bench.dll")])


def whole_process(*command):
    """Wall and processor time of a process from its start to its end."""
    before, began = _children(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise ServerError(f"{' '.join(command)} ended with exit code {done.returncode}: {done.stderr.strip()}")
    return {"seconds": seconds, "cpuSeconds": _children() - before, "output": done.stdout}


def _children():
    """Processor time of the processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _dotnet(*arguments):
    done = subprocess.run(["dotnet", *arguments, "-v", "q", "-m:2"], env={**os.environ, **BUILD_ENVIRONMENT}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"dotnet {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
