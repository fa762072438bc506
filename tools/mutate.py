# SPDX-License-Identifier: GPL-2.0-only
"""Change the code of the series in a tree of its own, and see which test notices."""

import hashlib
import json
import os
import queue
import re
import subprocess
import sys
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


def added_lines():
    """{file: numbers of the lines that the series adds}, of code that is no test."""
    added, file = {}, ""
    for line in git("diff", "-U0", "--no-renames", "base", "HEAD", "--", "*.c", "*.h").splitlines():
        found = re.match(r"\+\+\+ b/(.*)", line)
        if found:
            file = found.group(1)
        found = re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line)
        if found and not re.search(r"(^|/)tests?/|^tools/|_test\.c$(?<!pci_endpoint_test\.c)|kunit", file):
            first, number = int(found.group(1)), int(found.group(2) or 1)
            added.setdefault(file, set()).update(range(first, first + number))
    return added


# Tests: each takes the name of a kernel and a time limit, and gives what is
# wrong as lines. They hold for any kernel that a mutant has not broken.

KUNIT_LINE = re.compile(r"^( *)(ok|not ok) \d+ ([^#\n]*?)(?: #.*)?$")
SUITES = {"pci-epc-aux-resources", "pci-epf-doorbell", "dw-edma-doorbell",
          "dw-pcie-ep-doorbell", "pci-epf-test"}
X86_SUITES = {"pci-epf-doorbell"}
X86_KERNEL = f"mutants{WORKERS}"


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
    # kmemleak allocates too, where an allocation is to fail
    boot = uml.Boot(f"{kernel}-kunit", kernel, "kunit", timeout=limit,
                    **{"kunit.enable": "1", "kunit.autorun": "1", "kmemleak": "off",
                       "slab_debug": "-"}).run()
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


class Broken(Exception):
    """A change that does not compile."""


def kunit_x86_64(kernel, limit):
    """The cases that need DMA ops of a device, by the stock kunit.py under qemu."""
    home = TOP / "build/controls" / kernel
    env = dict(os.environ, CCACHE_DIR=str(TOP / "build/ccache"), CCACHE_BASEDIR=str(TOP),
               CCACHE_NOHASHDIR="1")
    done = subprocess.run([home / "linux/tools/testing/kunit/kunit.py", "run", "--arch=x86_64",
                           "--kunitconfig=drivers/pci/endpoint", "--kconfig_add",
                           "CONFIG_GART_IOMMU=y", f"--build_dir={home}/kunit-x86_64", "--jobs=2",
                           f"--timeout={limit:.0f}", "--raw_output", "--make_options",
                           "CC=ccache gcc"], cwd=home / "linux", env=env, timeout=7200, text=True,
                          check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, errors="replace")
    (home / "kunit-x86_64.log").write_text(done.stdout)
    if not re.search(r"KTAP version", done.stdout):
        raise Broken
    ended, failed = kunit_verdicts(done.stdout.replace("\r", ""))
    return [f"{case}: {why}" for case, why in failed.items()] or \
        [f"{suite} did not end" for suite in sorted(X86_SUITES - ended)]


TESTS = {
    "kunit": kunit,
    "kunit-x86_64": kunit_x86_64,
    "selftest": scenario("selftest"),
    "doorbell-msi": scenario("selftest", hw="msi", T=DOORBELL),
    "orders": scenario("orders"),
    "rebind": scenario("rebind", leaks=True),
    "rounds": scenario("rounds", ROUNDS="20"),
    "window": scenario("window"),
    "exposed-register": exposed,
    "fixed": scenario("selftest", hw="fixed"),
    "vntb-doorbell": scenario("vntb-doorbell", leaks=True),
    "vntb-window": scenario("vntb-window", hw="rebar"),
    "vntb-perst": scenario("vntb-perst", hw="perst"),
    "vntb-removal": scenario("vntb-removal"),
    "vntb-limits": scenario("vntb-limits"),
    "vntb-hostile": scenario("vntb-hostile"),
    "vntb": scenario("vntb"),
    "hostile": scenario("hostile"),
    "unanswered": scenario("unanswered", leaks=True),
}

# The tests that fit a file, in the order in which they are tried
FITTING = (
    ("drivers/dma/", "kunit exposed-register selftest"),
    ("drivers/ntb/", "vntb-hostile vntb-removal vntb"),
    ("drivers/pci/controller/", "kunit selftest fixed"),
    ("drivers/pci/endpoint/functions/pci-epf-test", "kunit orders rebind window selftest"),
    ("drivers/pci/endpoint/functions/",
     "vntb-perst vntb-window vntb-limits vntb-hostile vntb-doorbell vntb-removal vntb"),
    ("drivers/pci/endpoint/", "kunit doorbell-msi selftest rebind"),
    ("drivers/misc/", "selftest rounds hostile unanswered"),
    ("", "kunit selftest orders rebind"),
)


def fitting(file):
    return next(tests.split() for prefix, tests in FITTING if file.startswith(prefix))


IS_TEST = re.compile(r"kunit|/tests?/|\tDocumentation/|\ttools/|\tMAINTAINERS$")


class Lab:
    """Trees and kernels to break, one for each worker, and what was seen."""

    def __init__(self):
        code, tests = hashlib.sha256(), hashlib.sha256()
        for line in git("ls-tree", "-r", "HEAD").splitlines():
            (tests if IS_TEST.search(line) else code).update(line.encode())
        for where in ("drivers", "include", "tools/testing"):
            for file in sorted((TOP / where).rglob("*")):
                if file.is_file() and file.name not in ("musts", "mutants-survivors"):
                    part = tests if where == "tools/testing" else code
                    part.update(str(file.relative_to(TOP)).encode() + file.read_bytes())
        # What was caught stays caught with the same code; the rest is tried
        # again, and the tests without a mutant, when a test changes
        self.results = TOP / "build/mutants" / code.hexdigest()[:16]
        self.results.mkdir(parents=True, exist_ok=True)
        self.tests = tests.hexdigest()[:16]
        self.um, self.x86 = queue.Queue(), queue.Queue()
        self.limits = {}

    @staticmethod
    def tree(name):
        return Path(subprocess.run([TOP / "tools/tree", name], check=True, text=True, timeout=600,
                                   stdout=subprocess.PIPE).stdout.strip())

    def prepare(self, tests):
        """The kernels without a change; false if one of the tests fails on them."""
        if set(tests) - {"kunit-x86_64"}:
            for number in range(WORKERS):
                name = f"mutants{number}"
                tree = self.tree(name)
                # Objects of an interrupted run may be a mutant's
                (TOP / "build/kernel" / name / "kernel.stamp").unlink(missing_ok=True)
                subprocess.run([TOP / "tools/build", name, tree, "mutants.config"], check=True,
                               timeout=7200, stdin=subprocess.DEVNULL)
                self.um.put((name, tree))
        if "kunit-x86_64" in tests:
            self.x86.put((X86_KERNEL, self.tree(X86_KERNEL)))
        control = self.results / f"control-{self.tests}.json"
        seen = json.loads(control.read_text()) if control.exists() else {}

        def one(test):
            pool = self.x86 if test == "kunit-x86_64" else self.um
            name, tree = pool.get()
            start = time.monotonic()
            wrong = TESTS[test](name, 600)
            pool.put((name, tree))
            said = "FAILS" if wrong else f"passes in {time.monotonic() - start:.1f} s"
            say("\n".join([f"without a mutant: {test} {said}", *wrong[:5]]))
            return test, wrong, time.monotonic() - start

        fine = True
        for test, wrong, seconds in self.map(one, [t for t in tests if t not in seen]):
            fine = fine and not wrong
            if not wrong:
                seen[test] = seconds
                control.write_text(json.dumps(seen))
        if not fine:
            return False
        self.limits = {test: min(600, 40 + 5 * seen[test]) for test in tests}
        return True

    @staticmethod
    def build(name, tree):
        done = subprocess.run([TOP / "tools/build", name, tree, "mutants.config"],
                              env=dict(os.environ, KERNEL_ONLY="1"), timeout=1800, check=False,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            log = TOP / "build/kernel" / name / "kernel.log"
            if not re.search(r" error: |undefined!|undefined reference", log.read_text(errors="replace")):
                raise RuntimeError(f"cannot build {name}: {log}")
            raise Broken

    def trial(self, ident, edits, tests):
        """What is seen with {file: text}: {"by": test, "saw": line}, by "" if nothing
        and None if it does not compile; cached."""
        cache = self.results / f"{ident}.json"
        if cache.exists():
            seen = json.loads(cache.read_text())
            if seen["by"] != "" or seen["tests"] == [self.tests, *tests]:
                return seen
        um = [t for t in tests if t != "kunit-x86_64"]
        seen = {"by": "", "saw": "", "tests": [self.tests, *tests]}
        try:
            if um:
                seen.update(self.observe(self.um, edits, um))
            if "kunit-x86_64" in tests and not seen["by"]:
                seen.update(self.observe(self.x86, edits, ["kunit-x86_64"]))
        except Broken:
            seen["by"] = None
        cache.write_text(json.dumps(seen))
        return seen

    def observe(self, pool, edits, tests):
        name, tree = pool.get()
        before = {file: (tree / file).read_text() for file in edits}
        try:
            for file, text in edits.items():
                (tree / file).write_text(text)
            if pool is self.um:
                self.build(name, tree)
            for test in tests:
                wrong = TESTS[test](name, self.limits[test])
                if wrong:
                    return {"by": test, "saw": wrong[0], "more": wrong[1:20]}
            return {}
        finally:
            for file, text in before.items():
                (tree / file).write_text(text)
            pool.put((name, tree))

    def map(self, function, items):
        """function(item) of each by all workers, as they end."""
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(function, items)
