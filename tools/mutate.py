# SPDX-License-Identifier: GPL-2.0-only
"""Change the code of the series in a tree of its own, and see which test notices."""

import hashlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uml

TOP = uml.TOP
LINUX = TOP / "linux"
WORKERS = 2
DOORBELL = "pcie_ep_doorbell.DOORBELL_TEST"


def say(text):
    print(text, file=sys.stderr, flush=True)


def git(*args):
    return subprocess.run(["git", "-C", LINUX, *args], check=True, text=True, timeout=120,
                          stdout=subprocess.PIPE).stdout


# Tests: each takes the name of a kernel and a time limit, and gives what is
# wrong as lines. They hold for any kernel that a mutant has not broken.

KUNIT_LINE = re.compile(r"^( *)(ok|not ok) \d+ ([^#\n]*?)(?: #.*)?$")
SUITES = {"pci-epc-aux-resources", "pci-epf-doorbell", "dw-edma-doorbell",
          "dw-pcie-ep-doorbell", "pci-epf-test"}


def kunit_verdicts(log):
    """The suites that ended, and {suite.case: why} of the cases that failed."""
    lines = [re.sub(r"^\[ *\d+\.\d+\] ", "", line) for line in log.splitlines()]
    ended, failed, suite, why = set(), {}, "", ""
    for number, line in enumerate(lines):
        found = re.match(r" {4}# Subtest: (\S+)", line)
        if found:
            suite = found.group(1)
        found = re.search(r"# \S+: (?:EXPECTATION|ASSERTION) FAILED at \S*?([^/]+:\d+)", line)
        if found and not why:
            text = " ".join(x.strip() for x in lines[number + 1:number + 4]
                            if not re.search(r"# |ok \d|Subtest", x))
            why = f"{found.group(1)}: {text}"
        found = KUNIT_LINE.match(line)
        if not found:
            continue
        depth, kind, name = len(found.group(1)), found.group(2), found.group(3).strip()
        if depth == 0:
            ended.add(name)
        elif depth == 4:
            if kind == "not ok":
                failed[f"{suite}.{name}"] = why
            why = ""
    return ended, failed


def kunit(kernel, limit):
    boot = uml.Boot(f"{kernel}-kunit", kernel, "kunit", timeout=limit,
                    **{"kunit.enable": "1"}).run()
    ended, failed = kunit_verdicts(boot.log)
    wrong = [f"{case}: {why}" for case, why in failed.items()]
    if not wrong:
        wrong += boot.faults()
        wrong += [f"{suite} did not end" for suite in sorted(SUITES - ended)]
    return wrong


def scenario(name, hw="unroll", leaks=False, **env):
    def run(kernel, limit):
        inner = {"INNER": name} if leaks else {}
        boot = uml.Boot(f"{kernel}-{name}", kernel, "leaks" if leaks else name, timeout=limit,
                        HW=hw, **inner, **env).run()
        verdicts, _ = uml.parse_tap(boot.results)
        wrong = boot.faults()
        if name == "selftest":
            wrong += uml.judge(boot.results, hw)
            if "T" in env:
                wrong += [] if verdicts else ["no verdict"]
        return wrong
    return run


def exposed(kernel, limit):
    boot = uml.Boot(f"{kernel}-exposed", kernel, "exposed-register", timeout=limit,
                    HW="unroll", RINGS="5000").run()
    wrong = boot.faults()
    wrong += [f"{name}: {v[0]}" for name, v in uml.parse_tap(boot.results)[0].items()
              if v[0] != "pass"]
    if not re.search(r"^dwsim: [1-9]\d* DMA interrupts", boot.log, re.M):
        wrong.append("no DMA interrupts afterwards")
    return wrong


TESTS = {
    "kunit": kunit,
    "selftest": scenario("selftest"),
    "doorbell-msi": scenario("selftest", hw="msi", T=DOORBELL),
    "orders": scenario("orders"),
    "rebind": scenario("rebind", leaks=True),
    "rounds": scenario("rounds", ROUNDS="20"),
    "window": scenario("window"),
    "exposed-register": exposed,
    "hostile": scenario("hostile"),
    "unanswered": scenario("unanswered", leaks=True),
}

# The tests that fit a file, in the order in which they are tried
FITTING = (
    ("drivers/dma/", "kunit exposed-register selftest"),
    ("drivers/pci/controller/", "kunit selftest window"),
    ("drivers/pci/endpoint/functions/pci-epf-test", "kunit orders rebind window selftest"),
    ("drivers/pci/endpoint/functions/", "kunit"),
    ("drivers/pci/endpoint/", "kunit doorbell-msi selftest rebind"),
    ("drivers/misc/", "selftest rounds hostile unanswered"),
    ("", "kunit selftest orders rebind"),
)


def fitting(file):
    return next(tests.split() for prefix, tests in FITTING if file.startswith(prefix))


class Lab:
    """Trees and kernels to break, one for each worker, and what was seen."""

    def __init__(self):
        # What a result depends on
        digest = hashlib.sha256(git("rev-parse", "HEAD^{tree}").encode())
        for where in ("drivers", "include", "tools/testing"):
            for file in sorted((TOP / where).rglob("*")):
                if file.is_file() and "survivors" not in file.name and file.name != "musts":
                    digest.update(str(file.relative_to(TOP)).encode() + file.read_bytes())
        self.results = TOP / "build/mutants" / digest.hexdigest()[:16]
        self.results.mkdir(parents=True, exist_ok=True)
        self.free = queue.Queue()
        self.limits = {}
        self.lock = threading.Lock()

    def prepare(self, tests):
        """The kernels without a change; false if one of the tests fails on them."""
        for number in range(WORKERS):
            name = f"mutants{number}"
            tree = subprocess.run([TOP / "tools/tree", name], check=True, text=True, timeout=600,
                                  stdout=subprocess.PIPE).stdout.strip()
            # Objects of an interrupted run may be a mutant's
            stamp = TOP / "build/kernel" / name / "kernel.stamp"
            stamp.unlink(missing_ok=True)
            subprocess.run([TOP / "tools/build", name, tree, "mutants.config"], check=True,
                           timeout=3600, stdin=subprocess.DEVNULL)
            self.free.put((name, Path(tree)))
        control = self.results / "control.json"
        seen = json.loads(control.read_text()) if control.exists() else {}
        for test in tests:
            if test not in seen:
                start = time.monotonic()
                wrong = TESTS[test]("mutants0", 240)
                if wrong:
                    say(f"{test} fails on the tree without a mutant:")
                    say("\n".join(wrong[:5]))
                    return False
                seen[test] = time.monotonic() - start
                say(f"without a mutant: {test} passes in {seen[test]:.1f} s")
                control.write_text(json.dumps(seen))
        self.limits = {test: 40 + 5 * seen[test] for test in tests}
        return True

    @staticmethod
    def build(name, tree):
        done = subprocess.run([TOP / "tools/build", name, tree, "mutants.config"],
                              env=dict(os.environ, KERNEL_ONLY="1"), timeout=1200, check=False,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return done.returncode == 0

    def trial(self, ident, edits, tests):
        """What is seen with {file: text}: {"by": test, "saw": line}, by "" if nothing
        and None if it does not compile; cached."""
        cache = self.results / f"{ident}.json"
        if cache.exists():
            seen = json.loads(cache.read_text())
            # A new test may catch what others did not
            if seen["by"] != "" or seen["tests"] == tests:
                return seen
        name, tree = self.free.get()
        before = {file: (tree / file).read_text() for file in edits}
        try:
            for file, text in edits.items():
                (tree / file).write_text(text)
            seen = self.observe(name, tree, tests)
        finally:
            for file, text in before.items():
                (tree / file).write_text(text)
            self.free.put((name, tree))
        with self.lock:
            cache.write_text(json.dumps(seen))
        return seen

    def observe(self, name, tree, tests):
        seen = {"by": "", "saw": "", "tests": tests}
        if not self.build(name, tree):
            return dict(seen, by=None)
        for test in tests:
            wrong = TESTS[test](name, self.limits[test])
            if wrong:
                return dict(seen, by=test, saw=wrong[0], more=wrong[1:20])
        return seen

    def map(self, function, items):
        """function(item) of each by all workers, as they end."""
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(function, items)
