# SPDX-License-Identifier: GPL-2.0-only
"""Boot the simulated machine, with a bound, and judge what it printed."""

import fcntl
import os
import platform
import re
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent

MEM = os.environ.get("MEM") or "256M"
DOORBELL = "pcie_ep_doorbell.DOORBELL_TEST"

# What the kernel prints when something is wrong with it, or with the model.
SPLATS = re.compile(
    r"WARNING:|BUG:|BUG |Oops|Kernel panic|KASAN|UBSAN|kmemleak: \d+ new|"
    r"unreferenced object|possible .*(deadlock|recursive locking)|"
    r"INFO: (possible|task|rcu|suspicious|trying)|suspicious RCU|Call Trace|"
    r"nobody cared|corruption|refcount_t:|sleeping function|"
    r"soft lockup|hung_task|invalid (ioremap|iounmap)|Invalid (read|write|mem)|"
    r"line stuck|Segfault|segfault")


# 7.0's own reports that nothing of the series is near; lockdep outlives them.
# UML frees memory on a CPU that is not yet online, of which kmemleak tells RCU.
KNOWN = re.compile(r"WARNING: suspicious RCU usage\n(?:.*\n){1,3}?.*Callback enqueued on offline CPU!!\n"
                   r"(?:.*\n){1,60}?.*smp: Brought up")


def strange(path):
    """What is in it that the kernel's Makefiles or its command line would trip over, or ""."""
    found = re.search(r"[^\w./+@~,=-]", path)
    return "" if not found else "a space" if found[0].isspace() else f"a {found[0]}"


def memory_dir(size):
    """Where a machine's memory is a file for a while: the user's TMPDIR or /dev/shm, and
    below build/ where those are missing, mounted noexec, not to be written to or too small."""
    for name in (os.environ.get("TMPDIR"), "/dev/shm"):
        if name and os.path.isdir(name) and os.access(name, os.W_OK | os.X_OK):
            there = os.statvfs(name)
            # Another one may be starting at the same time
            if not there.f_flag & os.ST_NOEXEC and there.f_bavail * there.f_frsize >= 2 * size:
                return name
    (TOP / "build/tmp").mkdir(parents=True, exist_ok=True)
    return str(TOP / "build/tmp")


def environment():
    """Of a machine's process."""
    mem = re.fullmatch(r"([0-9]+)([MG])", MEM)
    if not mem:
        sys.exit(f"MEM={MEM}: give a number with M or G behind it, such as 256M")
    return os.environ | {"TMPDIR": memory_dir(int(mem[1]) << {"M": 20, "G": 30}[mem[2]])}


class Boot:
    """One boot: its log, its results, and how it ended."""

    # Those of this thread, for who tells why a test failed
    mine = threading.local()

    def __init__(self, name, kernel, scenario, timeout=60, live=None, args=(),
                 stop_at_splat=False, **env):
        self.dir = TOP / "build" / "run" / name
        self.kernel = TOP / "build" / "kernel" / kernel
        self.log_path = self.dir / "log"
        self.timeout = timeout
        self.live = live
        self.stop_at_splat = stop_at_splat
        self.args = args
        self.env = {"TOP": str(TOP), "OBJ": str(self.kernel),
                    "SCENARIO": scenario, **env}
        self.log = ""
        self.results = ""
        self.hung = False
        self.stopped = False
        self.seconds = self.cpu = 0.0

    def command(self, consoles, smp=1):
        argv = [str(self.kernel / "obj" / "linux"), f"mem={MEM}",
                "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
                f"uml_dir={self.dir}/uml/", "init=" + str(TOP / "tools/testing/init"),
                f"seccomp={'on' if smp > 1 else 'off'}", "con=null", *consoles]
        if smp > 1:
            argv.append(f"ncpus={smp}")
        argv += self.args
        # The kernel splits its command line at white space, quotes or not
        for key, value in self.env.items():
            if re.search(r"\s", value) and '"' in value:
                raise ValueError(f"{key}: a double quote and white space together")
            argv.append(f'{key}="{value}"' if re.search(r"\s", value) else f"{key}={value}")
        return argv

    def run(self):
        if hasattr(self.mine, "boots"):
            self.mine.boots.append(self)
        self.dir.parent.mkdir(parents=True, exist_ok=True)
        # One after the other where two want the same; each of them has its bound
        with open(f"{self.dir}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._run()

    def _run(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        if os.environ.get("COVERAGE"):
            counts = TOP / os.environ["COVERAGE"] / self.dir.name
            counts.mkdir(parents=True, exist_ok=True)
            self.env["COVERAGE"] = str(counts)
        read_fd, write_fd = os.pipe()
        argv = self.command(["con0=null,fd:1", f"con1=null,fd:{write_fd}"], int(self.env.get("CPUS", "1")))
        if os.environ.get("V"):
            print(" ".join(argv), file=sys.stderr)
        start = time.monotonic()
        with open(self.log_path, "wb") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(),
                                     pass_fds=[write_fd], start_new_session=True)
            os.close(write_fd)
            try:
                self._watch(child, read_fd, log, start + self.timeout)
            finally:
                self.cpu = self._end(child)
                os.close(read_fd)
        self.seconds = time.monotonic() - start
        # Console lines end in CR LF
        self.log = self.log_path.read_bytes().decode(errors="replace").replace("\r", "")
        (self.dir / "results").write_text(self.results)
        return self

    def _watch(self, child, results, log, deadline):
        with selectors.DefaultSelector() as sel:
            sel.register(child.stdout, selectors.EVENT_READ)
            sel.register(results, selectors.EVENT_READ)
            while sel.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    self.hung = not self.stopped
                    return
                for key, _ in sel.select(left):
                    data = os.read(key.fd, 65536)
                    if not data:
                        sel.unregister(key.fileobj)
                        if key.fileobj is child.stdout:
                            return
                    elif key.fileobj is child.stdout:
                        log.write(data)
                        log.flush()
                        if self.stop_at_splat and not self.stopped and SPLATS.search(data.decode(errors="replace")):
                            # Its trace shall be in the log
                            self.stopped = True
                            deadline = min(deadline, time.monotonic() + 3)
                    else:
                        self._result(data.decode(errors="replace").replace("\r", ""))

    def _result(self, text):
        self.results += text
        if self.live:
            self.live.write(text)
            self.live.flush()

    @staticmethod
    def _end(child):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        # With the time that it has used, and those of its own that it waited for
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stdout.close()
        return usage.ru_utime + usage.ru_stime

    def splats(self):
        return [line for line in KNOWN.sub("", self.log).splitlines() if SPLATS.search(line)]

    def exit_code(self):
        found = re.search(r"^dwsim: exit (\d+)", self.log, re.M)
        return int(found.group(1)) if found else None

    def faults(self):
        """Why this boot is no good whatever its results say."""
        why = []
        if self.hung:
            why.append(f"no end after {self.timeout:.0f} s")
        elif self.exit_code() is None and not self.stopped:
            why.append("the machine ended early")
        elif self.exit_code():
            said = re.findall(r"^dwsim: (?!exit|counters|interrupts|trace$)(.*)", self.log, re.M)
            why.append("the scenario failed" + (": " + said[-1] if said else ""))
        splats = self.splats()
        if splats:
            why.append(f"{len(splats)} splats in the kernel log, first: {splats[0].strip()}")
        return why

    def tail(self, lines=25):
        """The last words before the trace, less the tables of a report, and the trace."""
        said, marker, trace = self.log.partition("\ndwsim: trace\n")
        said = re.sub(r"^dwsim: counters\n(?:(?!\[ |dwsim: (?!interrupts)).*(?:\n|$))*", "", said, flags=re.M)
        return "\n".join(said.splitlines()[-lines:]) + marker + trace

    def counter(self, name):
        if name == "dma_irqs":
            return len(re.findall(r"^ *\d+: +[1-9]\d* .*dw-edma-core", self.log, re.M))
        found = re.search(rf"^{name} (\d+)$", self.log, re.M)
        return int(found.group(1)) if found else None

    def contradicts(self, claims):
        """Which of the claims about counters, NAME=VALUE and NAME>VALUE, do not hold."""
        wrong = []
        for claim in claims:
            name, relation, value = re.fullmatch(r"(\w+)([=>])(\d+)", claim).groups()
            count = self.counter(name)
            if count is None or not (count > int(value) if relation == ">" else count == int(value)):
                wrong.append(f"{name} is {count}, not {claim}")
        return wrong


def pattern(text):
    """T= as a regular expression, or an end that says so."""
    try:
        return re.compile(text)
    except re.error as error:
        sys.exit(f"T={text}: {error}, it has to be a regular expression")


def number(name, default, most=10**9):
    """NAME= of the environment, or an end that says what it may be."""
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
        sys.exit(f"{name}={value}: give a number from 1 to {most}")
    return int(value)


def alone(path, what):
    """Two at once would write to the same directories. Hold what is returned."""
    lock = (TOP / path).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"{what} is at work ({path}): wait for it or end it")
    return lock


RESULT = re.compile(r"^(ok|not ok) \d+ (\S+)(?: # SKIP ?(.*))?$")


def parse_tap(text):
    """The selftest's verdicts: {name: ("pass"|"fail"|"skip", reason)}, and the plan."""
    verdicts, plan = {}, None
    for line in text.splitlines():
        found = re.match(r"1\.\.(\d+)", line)
        if found:
            plan = int(found.group(1))
        found = RESULT.match(line)
        if found:
            ok, name, skip = found.groups()
            kind = "skip" if skip is not None else "pass" if ok == "ok" else "fail"
            verdicts[name] = (kind, skip or "")
    return verdicts, plan


def option(kernel, name):
    """What tools/build made CONFIG_ that: "y", "m", a number; "" if it is off."""
    config = TOP / "build/kernel" / kernel / "obj/.config"
    if not config.exists():
        sys.exit(f"there is no kernel \"{kernel}\": its verb in the Makefile builds it, such as make run")
    found = re.search(rf"^CONFIG_{name}=(.*)", config.read_text(), re.M)
    return found.group(1) if found else ""


def most_cpus(kernel):
    return int(option(kernel, "NR_CPUS") or 1)


def has_option(kernel, name):
    return option(kernel, name) == "y"


def machine():
    model = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.M)
    return f"{os.cpu_count()} x {model.group(1) if model else platform.machine()}, Linux {platform.release()}"


def table(name):
    """The lines of a table in tools/testing, their columns stripped."""
    for line in (TOP / "tools/testing" / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield [field.strip() for field in line.split("|")]


def hardware():
    """The kinds of hardware that there are to simulate."""
    return re.findall(r"^DWSIM_HW\((\w+)\)", (TOP / "drivers/hw_list.h").read_text(), re.M)


def kinds():
    """What each kind is to be: {HW: (doorbell, DMA, claims about counters)}"""
    return {hw: (doorbell, dma, claims.split()) for hw, doorbell, dma, claims in table("kinds")}


def claims(text):
    """What a scenario says that held: [(claim, note)]"""
    return re.findall(r"^ok \d+ - ([^#\n]*[^#\n ])(?: # (.*))?$", text, re.M)


def expectations(hw):
    """What is not a plain pass: [(pattern, (kind, pattern of the reason, why))], the first one wins."""
    doorbell, dma, _ = kinds()[hw]
    here = {"*", hw, f"doorbell={doorbell}", f"dma={dma}"}
    expected = [(name, (kind, reason, why)) for where, kind, name, reason, why in table("expected")
                if here & set(where.split())]
    return expected[::-1]


def judge(results, hw):
    """What differs from the expectation, as lines; none if nothing does."""
    verdicts, plan = parse_tap(results)
    expected = expectations(hw)
    wrong = []
    if plan is None:
        wrong.append("the selftest printed no plan")
    elif not verdicts:
        wrong.append("no test was run")
    elif plan != len(verdicts):
        wrong.append(f"{plan} tests planned, {len(verdicts)} with a verdict")
    for name, (kind, reason) in verdicts.items():
        want, want_reason, why = next((e for pattern, e in expected if fnmatch(name, pattern)),
                                      ("pass", "", ""))
        if kind != want:
            wrong.append(f"{name}: {kind}, expected {want}" + (f" ({why})" if why else ""))
        elif kind == "skip" and not fnmatch(reason, want_reason):
            wrong.append(f"{name}: skipped with \"{reason}\", expected \"{want_reason}\"")
    return wrong
