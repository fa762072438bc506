# SPDX-License-Identifier: GPL-2.0-only
"""What all gates share: how a program is run, what a gate is, what it remembers."""
import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
LINUX = TOP / "linux"
CHECK = TOP / "build/check"
JOBS = str(os.cpu_count())
CCACHE = {"CCACHE_DIR": str(TOP / "build/ccache"), "CCACHE_BASEDIR": str(TOP), "CCACHE_NOHASHDIR": "1"}

# The modules that tools/packages names are the system's Python's, not another's
os.environ["PATH"] = "/usr/bin:/bin:" + os.environ["PATH"]


class Broken(Exception):
    """The gate itself cannot work."""


class Log:
    """Where the gate at work writes all that its programs say."""
    file = io.StringIO()


def run(*argv, cwd=TOP, timeout=900, env=None, given=None):
    """Exit code and output, standard error included. Nothing outlives it."""
    argv = [str(a) for a in argv]
    print("$", " ".join(argv), file=Log.file, flush=True)
    with subprocess.Popen(argv, cwd=cwd, text=True, errors="replace", start_new_session=True,
                          env=os.environ | (env or {}), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL if given is None else subprocess.PIPE) as child:
        try:
            out = child.communicate(given, timeout)[0]
        except subprocess.TimeoutExpired:
            raise Broken(f"no end after {timeout} s: {' '.join(argv)}") from None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    Log.file.write(out + f"(exit {child.returncode})\n")
    return child.returncode, out


def must(*argv, **kw):
    code, out = run(*argv, **kw)
    if code:
        raise Broken(f"exit {code}: {' '.join(map(str, argv))}: {out.strip()[-500:]}")
    return out


class Gate:
    """One line of make check. wrong() tells what is new in a step and should not be."""
    title = ""
    # commit: each commit; tip: the series as one step, with ALL=1 each commit;
    # once: what the tip is, and what is not the series; all: that with ALL=1
    scope = "commit"
    cached = True

    def wrong(self, step):
        raise NotImplementedError

    def plants(self):
        """Steps with a planted fault, each with a pattern that what wrong() tells has to match."""
        return []

    def name(self):
        return re.sub(r"\W+", "-", self.title).strip("-").lower()

    def note(self):
        """What its line tells besides the title."""
        return ""

    def blind(self):
        """The first planted fault that is not seen."""
        for step, seen in self.plants():
            found = "\n".join(self.wrong(step))
            print(f"planted: {step.name}: {found}", file=Log.file)
            if not re.search(seen, found):
                return [f"does not see a planted fault ({step.name}), but: {found or 'nothing'}"]
        return []


class Compared(Gate):
    """A gate that counts findings before and after."""

    def __init__(self):
        self.known = {}

    def findings(self, commit, step):
        raise NotImplementedError

    def at(self, commit, step):
        key = commit, tuple(self.subject(step))
        if key not in self.known:
            self.known[key] = Counter(self.findings(commit, step))
        return self.known[key]

    def subject(self, step):
        """What of a step the findings depend on besides the commit."""
        del step
        return ()

    def wrong(self, step):
        new = self.at(step.new, step)
        # Most often there is nothing, and then the parent need not be looked at
        return sorted((new - self.at(step.old, step)).elements()) if new else []


class Cache:
    """Remembers what passed, by everything that the verdict depends on."""

    def __init__(self):
        self.where = CHECK / "passed"
        self.where.mkdir(parents=True, exist_ok=True)
        groups = re.findall(r"^(?:build|check|kunit): (.*)", (TOP / "tools/packages").read_text(), re.M)
        self.host = subprocess.run(["dpkg-query", "-W", *re.findall(r"(?:^| )([^= ]+)", " ".join(groups))], check=False,
                                   capture_output=True, text=True).stdout
        self.kept = {}

    @classmethod
    def needed(cls, file, known=()):
        """A gate's file and what that imports from here, however far."""
        known = {*known, file}
        for name in re.findall(r"^from \.(\w+) import", file.read_text(), re.M):
            if file.with_name(name + ".py") not in known:
                known |= cls.needed(file.with_name(name + ".py"), known)
        return known

    def key(self, gate, what):
        module = sys.modules[type(gate).__module__].__file__
        if module not in self.kept:
            files = [*sorted(self.needed(Path(module))), TOP / "tools/uml.py",
                     *sorted(TOP.glob("tools/testing/check*"))]
            self.kept[module] = "".join(hashlib.sha256(f.read_bytes()).hexdigest() for f in files)
        text = "\0".join((gate.name(), what, self.kept[module], self.host))
        return self.where / hashlib.sha256(text.encode()).hexdigest()

    def has(self, gate, what):
        return self.key(gate, what).exists()

    def keep(self, gate, what):
        self.key(gate, what).touch()


class Lap:
    """Time since it was made, by the clock and spent in programs."""

    def __init__(self):
        self.start = time.monotonic(), self.spent()

    @staticmethod
    def spent():
        t = os.times()
        return t.user + t.system + t.children_user + t.children_system

    def __str__(self):
        return f"{time.monotonic() - self.start[0]:.1f} s, CPU {self.spent() - self.start[1]:.1f} s"
