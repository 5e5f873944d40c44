"""Running a command with its time and memory taken, and tables of what was taken."""

import importlib.metadata
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
from typing import NamedTuple


class Figures(NamedTuple):
    """Wall seconds, CPU seconds of all threads, user and system, and the highest resident set in MB."""

    wall: float
    cpu: float
    memory: float

    def __add__(self, other):
        """One after the other."""
        return Figures(self.wall + other.wall, self.cpu + other.cpu, max(self.memory, other.memory))


def measure(command, stdin=None, cwd=None, environment=None, statuses=(0,)):
    """The figures of a command, which must end with one of these exit statuses.

    The kernel counts this process's own memory in the child's until the child has become the command, so no figure is
    below what this process takes: nothing here holds data in memory.
    """
    with open(stdin, "rb") if stdin else open(os.devnull, "rb") as source:
        begun = time.monotonic()
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.DEVNULL, cwd=cwd, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)  # so that subprocess does not wait for it again
    if process.returncode not in statuses:
        sys.exit(f"error: {' '.join(map(str, command))} ended with status {process.returncode}")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Series:
    """The figures of one step, one for each repetition."""

    def __init__(self, runs=()):
        self.runs = list(runs)

    def add(self, figures):
        self.runs.append(figures)

    def then(self, other):
        """This step and that one after it, repetition by repetition."""
        return Series(a + b for a, b in zip(self.runs, other.runs))

    @property
    def wall(self):
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self):
        return statistics.median(run.cpu for run in self.runs)

    @property
    def memory(self):
        return max(run.memory for run in self.runs)


class Steps(dict):
    """Series by the name of the step; one that was not measured is None."""

    def add(self, name, figures):
        self.setdefault(name, Series()).add(figures)

    def __missing__(self, name):
        return None


def ratio(part, whole):
    return f"{part / whole:.2f}" if whole else ""


def seconds(value):
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def milliseconds(value):
    return f"{value * 1000:.1f}"


class Report:
    """Markdown, printed as it grows, and kept in a file when there is one."""

    def __init__(self, path=None):
        self.path = path
        self.text = ""

    def write(self, text):
        print(text, flush=True)
        self.text += text + "\n"
        if self.path:
            self.path.write_text(self.text, encoding="utf-8")

    def table(self, columns, rows):
        """`columns`: their headings; one that begins with "<" holds text and is set left."""
        self.write("| " + " | ".join(column.lstrip("<") for column in columns) + " |")
        self.write("|" + "|".join("---" if column.startswith("<") else "--:" for column in columns) + "|")
        for row in rows:
            self.write("| " + " | ".join(map(str, row)) + " |")
        self.write("")


def progress(text):
    """What is being done, for a person who waits; never part of the result."""
    if sys.stderr.isatty():
        print(f"… {text}", file=sys.stderr, flush=True)


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0].strip()
    except (OSError, subprocess.CalledProcessError):
        return "none"


def package_version(name):
    """Without importing it, which would take memory here: see `measure`."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def field_of(path, name):
    """A value of a file of `name: value` or `name=value` lines such as /proc/cpuinfo."""
    try:
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            key, separator, value = line.replace("=", ":", 1).partition(":")
            if separator and key.strip() == name:
                return value.strip().strip('"')
    except OSError:
        pass
    return "unknown"


def machine(binary):
    """A list of what the figures depend on."""
    memory = field_of("/proc/meminfo", "MemTotal").split()[0]
    return [
        ("cores", os.cpu_count()),
        ("processor", field_of("/proc/cpuinfo", "model name")),
        ("memory", f"{int(memory) / 1024 ** 2:.1f} GB" if memory.isdigit() else memory),
        ("system", f"{field_of('/etc/os-release', 'PRETTY_NAME')}, kernel {platform.release()}"),
        ("load of the machine before", " ".join(f"{load:.1f}" for load in os.getloadavg())),
        ("makegood", f"{first_line([binary, '--version'])}, {os.path.getsize(binary) / 1e6:.1f} MB"),
        ("DuckDB", package_version("duckdb")),
        ("Polars", package_version("polars")),
        ("sqlite3", first_line(["sqlite3", "--version"]).split(" ")[0]),
        ("Python", platform.python_version()),
        ("date", time.strftime("%Y-%m-%d", time.gmtime())),
    ]
