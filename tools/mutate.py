# SPDX-License-Identifier: GPL-2.0-only
"""Change the code of the series in a tree of its own, and see which test notices."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uml

TOP = uml.TOP
LINUX = TOP / "linux"
# Half of a boot is waiting
WORKERS = 2 * os.cpu_count()


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


class Machine:
    """A kernel to boot, under a name of one's own; which of its changes is on, 0 for none."""

    def __init__(self, name, kernel, change=0):
        self.name, self.kernel, self.change = name, kernel, change

    def boot(self, scenario, limit, **env):
        return uml.Boot(f"{self.name}-{scenario}", self.kernel, scenario, timeout=limit,
                        args=[f"dwsim_change={self.change}"], **env).run()


# Tests: each takes a machine and a time limit, and gives what is wrong as
# lines. They hold for any kernel in which no change is on.

KUNIT_LINE = re.compile(r"^( *)(ok|not ok) \d+ ([^#\n]*?)(?: #.*)?$")
SUITES = {"pci-epc-aux-resources", "pci-epf-bind", "pci-epf-doorbell", "pci-epf-doorbell-map",
          "dw-edma-doorbell", "dw-edma-transfer", "dw-pcie-ep-doorbell", "pci-epf-test"}
X86_SUITES = {"pci-epf-doorbell-map"}
UM_KERNEL, X86_KERNEL = "mutants0", "mutants1"


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


def kunit(machine, limit, case="*"):
    # kmemleak allocates too, where an allocation is to fail
    boot = machine.boot("kunit", limit, **{"kunit.enable": "1", "kunit.autorun": "1",
                                           "kunit.filter_glob": case, "kmemleak": "off"})
    ended, failed = kunit_verdicts(boot.log)
    missing = (SUITES if case == "*" else {case.split(".")[0]}) - ended
    wrong = [f"{case}: {why}" for case, why in failed.items()]
    if not wrong:
        wrong = boot.faults()
        if missing and not wrong:
            raise RuntimeError(f"nothing runs {missing}, of {case}")
        wrong += [f"{suite} did not end" for suite in sorted(missing)]
    return wrong


def scenario(name, hw="unroll", **env):
    def run(machine, limit):
        boot = machine.boot(name, limit, stop_at_splat=True, HW=hw, **env)
        verdicts, _ = uml.parse_tap(boot.results)
        wrong = boot.faults()
        if name == "selftest":
            wrong += uml.judge(boot.results, hw)
            wrong += ["the host's driver says that a doorbell failed"] if "trigger doorbell" in boot.log else []
            if "T" in env:
                wrong += [] if verdicts else ["no verdict"]
        return wrong
    return run


def exposed(machine, limit):
    boot = machine.boot("exposed-register", limit, stop_at_splat=True, HW="unroll", RINGS="5000")
    wrong = boot.faults()
    wrong += [f"{name}: {v[0]}" for name, v in uml.parse_tap(boot.results)[0].items()
              if v[0] != "pass"]
    if not re.search(r"^dwsim: [1-9]\d* DMA interrupts", boot.log, re.M):
        wrong.append("no DMA interrupts afterwards")
    return wrong


def kunit_py(kernel, verb, *args):
    """The stock kunit.py on the kernel's tree; its output."""
    home = TOP / "build/controls" / kernel
    env = dict(os.environ, CCACHE_DIR=str(TOP / "build/ccache"), CCACHE_BASEDIR=str(TOP),
               CCACHE_NOHASHDIR="1", PATH=f"{TOP}/tools/testing/qemu:{os.environ['PATH']}")
    done = subprocess.run([home / "linux/tools/testing/kunit/kunit.py", verb, "--arch=x86_64",
                           f"--build_dir={home}/kunit-x86_64", *args], cwd=home / "linux", env=env,
                          timeout=7200, text=True, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    return done.returncode, done.stdout.replace("\r", "")


def kunit_x86_64(machine, limit, case="*"):
    """The cases that need DMA ops of a device, under qemu."""
    _, said = kunit_py(machine.kernel, "exec", f"--timeout={limit:.0f}", "--raw_output",
                       f"--kernel_args=dwsim_change={machine.change}", case)
    if "KTAP version" not in said:
        raise RuntimeError(f"qemu runs no tests: {said[-2000:]}")
    ended, failed = kunit_verdicts(said)
    missing = (X86_SUITES if case == "*" else {case.split(".")[0]}) - ended
    return [f"{case}: {why}" for case, why in failed.items()] or \
        [f"{suite} did not end" for suite in sorted(missing)]


TESTS = {
    "kunit": kunit,
    "kunit-x86_64": kunit_x86_64,
    "selftest": scenario("selftest"),
    "doorbell-msi": scenario("selftest", hw="msi", T=uml.DOORBELL),
    "orders": scenario("orders"),
    "rebind": scenario("rebind"),
    "detach": scenario("detach"),
    "rounds": scenario("rounds", ROUNDS="20"),
    "window": scenario("window", WINDOW="4096"),
    "exposed-register": exposed,
    "fixed": scenario("selftest", hw="fixed"),
    "vntb-doorbell": scenario("vntb-doorbell"),
    "vntb-window": scenario("vntb-window", hw="rebar"),
    "vntb-perst": scenario("vntb-perst", hw="perst"),
    "vntb-removal": scenario("vntb-removal"),
    "vntb-fixed": scenario("vntb-fixed", hw="fixed"),
    "vntb-limits": scenario("vntb-limits"),
    "vntb-bits": scenario("vntb-bits"),
    "vntb-link": scenario("vntb-link"),
    "vntb-recovery": scenario("vntb-recovery", hw="perst"),
    "vntb-log": scenario("vntb-log"),
    "vntb-transmit": scenario("vntb-transmit", hw="perst"),
    "vntb-memory": scenario("vntb-memory", hw="perst"),
    "vntb-anew": scenario("vntb-anew"),
    "vntb-ranges": scenario("vntb-ranges"),
    "vntb-queues": scenario("vntb-queues"),
    "dma-faults": scenario("dma-faults", hw="perst"),
    "vntb-hostile": scenario("vntb-hostile"),
    "vntb-bars": scenario("vntb-bars"),
    "vntb-faults": scenario("vntb-faults"),
    "vntb": scenario("vntb"),
    "epc-gone": scenario("epc-gone"),
    "secondary": scenario("secondary"),
    "unlink-init": scenario("unlink-init"),
    "attributes": scenario("attributes"),
    "interrupt-numbers": scenario("interrupt-numbers"),
    "interrupt-pages": scenario("interrupt-pages"),
    "restart": scenario("restart", ROUNDS="20"),
    "hostile": scenario("hostile"),
    "unanswered": scenario("unanswered"),
}

# Where the scenario has another name
SCENARIOS = {"doorbell-msi": "selftest", "fixed": "selftest", "kunit-x86_64": "kunit"}

# Whatever fails in these fails in a case, or ends the kernel
KUNIT = ("kunit", "kunit-x86_64")

def runner(test):
    """The test of TESTS that has a KUnit case, SUITE.CASE or kunit-x86_64 SUITE.CASE."""
    return "kunit" if re.match(r"\S+\.\S+$", test) else test.split()[0]


def run_test(test, machine, limit):
    return TESTS[runner(test)](machine, limit, *re.findall(r"\S+\.\S+$", test))


# The tests that fit a file, in the order in which they are tried
FITTING = (
    ("drivers/dma/", "kunit exposed-register selftest"),
    ("drivers/ntb/", "vntb-transmit vntb-anew vntb-queues vntb-bits vntb-hostile vntb-bars vntb-removal vntb"),
    ("drivers/pci/controller/", "kunit selftest fixed rebind interrupt-numbers interrupt-pages"),
    ("drivers/pci/endpoint/functions/pci-epf-test",
     "kunit orders rebind detach window selftest interrupt-numbers attributes restart unlink-init dma-faults"),
    ("drivers/pci/endpoint/functions/",
     "vntb-perst vntb-bits vntb-link vntb-recovery vntb-window vntb-fixed vntb-limits vntb-memory vntb-bars "
     "vntb-ranges vntb-queues vntb-hostile vntb-doorbell vntb-faults vntb-removal vntb"),
    ("drivers/pci/endpoint/pci-ep-msi", "kunit doorbell-msi detach selftest rebind kunit-x86_64"),
    ("drivers/pci/endpoint/", "kunit epc-gone secondary unlink-init doorbell-msi detach selftest rebind"),
    ("drivers/misc/", "selftest rounds hostile unanswered"),
    ("", "kunit selftest orders rebind"),
)


def fitting(file):
    return next(tests.split() for prefix, tests in FITTING if file.startswith(prefix))


IS_TEST = re.compile(r"kunit|/tests?/|\tDocumentation/|\ttools/|\tMAINTAINERS$")


# A function of the kernel, by its style: head, {, body and } begin their lines
FUNCTION = re.compile(r"^(?P<head>[A-Za-z_][^;{}#]*?\b(?P<name>\w+)\((?P<args>[^{};]*?)\)"
                      r"[^(){};]*)\n\{\n(?P<body>.*?)^\}\n", re.M | re.S)
CHANGE = "dwsim_change"
HOME_OF_CHANGE = "drivers/pci/endpoint/pci-epc-core.c"


def functions(text):
    """What is between the functions, and the functions."""
    between, found, at = [], [], 0
    for function in FUNCTION.finditer(text):
        between.append(text[at:function.start()])
        found.append(function)
        at = function.end()
    return between + [text[at:]], found


def changed_bodies(old, new):
    """{number of the function: its new body}, None if that is not all the difference."""
    (between, before), (others, after) = functions(old), functions(new)
    if between != others or [f["head"] for f in before] != [f["head"] for f in after]:
        return None
    return {n: b["body"] for n, (a, b) in enumerate(zip(before, after)) if a["body"] != b["body"]}


def arguments(text):
    names = []
    for part in re.split(r",(?![^()]*\))", text):
        found = re.search(r"\(\*(\w+)\)|(\w+)\s*(?:\[[^\]]*\])?$", part.strip())
        if found and part.strip() != "void":
            names.append(found.group(1) or found.group(2))
    return ", ".join(names)


def woven(text, bodies):
    """The file with every one of {ident: (number, {function: body})} in it, as a
    function beside the one that is called and chooses; and whose each line is."""
    between, found = functions(text)
    out, owners = [f"extern int {CHANGE};\n"], {}

    def copy(function, number, body, ident):
        head = re.sub(rf"\b{function['name']}\(", f"{function['name']}__{number}(", function["head"], count=1)
        static = "" if "static" in head.split("(")[0] else "static "
        first = "".join(out).count("\n") + 1
        out.append(f"{static}{head}\n{{\n{body}}}\n\n")
        owners.update(dict.fromkeys(range(first, first + out[-1].count("\n")), ident))

    for index, function in enumerate(found):
        out.append(between[index])
        those = {ident: (n, b[index]) for ident, (n, b) in bodies.items() if index in b}
        if not those:
            out.append(function.group(0))
            continue
        copy(function, 0, function["body"], None)
        for ident, (number, body) in those.items():
            copy(function, number, body, ident)
        call = f"{function['name']}__%d({arguments(function['args'])});\n"
        out.append(f"{function['head']}\n{{\n\tswitch ({CHANGE}) {{\n" +
                   "".join(f"\tcase {n}:\n\t\treturn {call % n}" for n, _ in those.values()) +
                   f"\tdefault:\n\t\treturn {call % 0}\t}}\n}}\n")
    return "".join(out + between[-1:]), owners


def unbuilt(file):
    """Whether no driver of that kernel is made of it: hardware that is not simulated."""
    return file.endswith(".c") and not (TOP / "build/kernel" / UM_KERNEL / "obj" / file).with_suffix(".o").exists()


class Lab:
    """A kernel with all changes in it, of which a boot turns on one, and what was
    seen then. A trial is (name, {file: text}, tests)."""

    def __init__(self):
        # What a test is made of: cases of the series, or its scenario, and what all share
        lines = git("ls-tree", "-r", "HEAD").splitlines()
        self.cases = repr([line for line in lines if IS_TEST.search(line)])
        self.code = repr([line for line in lines if not IS_TEST.search(line)])
        shared = [p for where in ("drivers", "include", "tools/testing")
                  for p in sorted((TOP / where).rglob("*")) if p.is_file()
                  and p.parent.name not in ("scenarios", "proofs") and p.name not in ("musts", "mutants-survivors")]
        self.shared = repr([(str(p.relative_to(TOP)), p.read_bytes()) for p in shared])
        self.results = TOP / "build/mutants"
        self.results.mkdir(parents=True, exist_ok=True)
        self.passed = self.results / "passed.json"
        self.trees, self.numbers, self.limits = {}, {}, {}

    def digest(self, test):
        scenario = SCENARIOS.get(test, test)
        parts = self.cases if runner(test) in KUNIT else ""
        if runner(test) != "kunit-x86_64":
            parts += self.shared + (TOP / "tools/testing/scenarios" / runner(scenario)).read_text()
        return hashlib.sha256((test + parts).encode()).hexdigest()[:16]

    def cache(self, trial):
        name, edits, _ = trial
        text = hashlib.sha256(repr(sorted(edits.items())).encode()).hexdigest()[:16]
        return self.results / f"{name}-{text}.json"

    def last(self, trial):
        """What was seen of it last, None if it was not run since these files changed."""
        path = self.cache(trial)
        return json.loads(path.read_text()) if path.exists() else None

    def known(self, trial):
        """What was seen of it. What was caught stays caught while these files are
        the same; what was not is tried again when a test changes."""
        seen = self.last(trial)
        return seen if seen and (seen["by"] != "" or seen["tests"] == [self.digest(t) for t in trial[2]]) else None

    def keep(self, trial, by, saw="", more=()):
        seen = {"by": by, "saw": saw, "more": list(more), "tests": [self.digest(t) for t in trial[2]]}
        self.cache(trial).write_text(json.dumps(seen))
        return seen

    def prepare(self, trials):
        """False if a test fails where nothing is changed."""
        trials = [t for t in trials if not self.known(t)]
        tests = sorted({runner(test) for t in trials for test in t[2]})
        self.numbers = {t[0]: number for number, t in enumerate(trials, 1)}
        for kernel, build in ((UM_KERNEL, self.build), (X86_KERNEL, self.build_x86)):
            mine = [t for t in trials
                    if any((kernel == X86_KERNEL) == (runner(test) == "kunit-x86_64") for test in t[2])]
            if mine:
                self.trees[kernel] = Path(subprocess.run(
                    [TOP / "tools/tree", kernel], check=True, text=True, timeout=600,
                    stdout=subprocess.PIPE).stdout.strip())
                self.weave(kernel, build, mine)
                for trial in mine:
                    if kernel == UM_KERNEL and not self.last(trial) and any(map(unbuilt, trial[1])):
                        self.keep(trial, None)

        def control(test):
            start = time.monotonic()
            wrong = TESTS[test](self.machine(test), 600)
            seconds = time.monotonic() - start
            said = "FAILS" if wrong else f"passes in {seconds:.1f} s"
            say("\n".join([f"without a change: {test} {said}", *wrong[:5]]))
            return test, None if wrong else min(600, 60 + 3 * seconds)

        key = {test: hashlib.sha256((self.code + self.digest(test)).encode()).hexdigest()[:16]
               for test in tests}
        passed = json.loads(self.passed.read_text()) if self.passed.exists() else {}
        for test, limit in self.map(control, [t for t in tests if key[t] not in passed]):
            if limit:
                passed[key[test]] = limit
                self.passed.write_text(json.dumps(passed))
        self.limits = {test: passed[key[test]] for test in tests if key[test] in passed}
        return len(self.limits) == len(tests)

    def weave(self, kernel, build, trials):
        """Build the kernel with all of them that are changes of functions, but
        those that do not compile."""
        bodies = {}
        for trial in trials:
            all_of_it = {file: changed_bodies((LINUX / file).read_text(), text)
                         for file, text in trial[1].items()}
            if None in all_of_it.values():
                self.numbers.pop(trial[0])
                continue
            for file, changed in all_of_it.items():
                bodies.setdefault(file, {})[trial[0]] = (self.numbers[trial[0]], changed)
        while True:
            owners = {}
            for file in {*bodies, HOME_OF_CHANGE}:
                text, owners[file] = woven((LINUX / file).read_text(), bodies.get(file, {}))
                if file == HOME_OF_CHANGE:
                    text += (f"\nint {CHANGE};\nEXPORT_SYMBOL_GPL({CHANGE});\n"
                             f"core_param({CHANGE}, {CHANGE}, int, 0444);\n")
                (self.trees[kernel] / file).write_text(text)
            log = build()
            if log is None:
                return
            errors = re.findall(r"(\S+\.[ch]):(\d+):\d+: error: (.*)", log)
            broken = {mine.get(int(line)) for path, line, _ in errors
                      for file, mine in owners.items() if path.endswith(file)} - {None}
            if not broken:
                raise RuntimeError(f"cannot build {kernel}: {errors or log[-2000:]}")
            for trial in trials:
                if trial[0] in broken:
                    self.keep(trial, None)
            for those in bodies.values():
                for ident in broken:
                    those.pop(ident, None)

    def build(self, **env):
        """None, or the log of what failed."""
        done = subprocess.run([TOP / "tools/build", UM_KERNEL, self.trees[UM_KERNEL], "net.config", "mutants.config"],
                              env=dict(os.environ, **env), timeout=7200, check=False,
                              stdin=subprocess.DEVNULL)
        log = TOP / "build/kernel" / UM_KERNEL / "kernel.log"
        return log.read_text(errors="replace") if done.returncode else None

    def build_x86(self):
        status, said = kunit_py(X86_KERNEL, "build", "--make_options", "CC=ccache gcc", "--jobs=2",
                                "--kunitconfig=drivers/pci/endpoint", "--kconfig_add", "CONFIG_GART_IOMMU=y")
        return said if status else None

    def machine(self, test, number=0):
        kernel = X86_KERNEL if runner(test) == "kunit-x86_64" else UM_KERNEL
        return Machine(f"{kernel}-{number}-{runner(test)}", kernel, number)

    def see(self, trials):
        """{name: what is seen of it}: {"by": test, "saw": line}, by "" if nothing
        and None if it does not compile, or not for UML."""
        seen = {t[0]: self.known(t) for t in trials}
        trials = [t for t in trials if not seen[t[0]]]
        together = [t for t in trials if t[0] in self.numbers]
        for trial, found in zip(together, self.map(self.trial, together)):
            seen[trial[0]] = found
        for trial in trials:
            if trial not in together:
                seen[trial[0]] = self.alone(trial)
        return seen

    def trial(self, trial):
        start = time.monotonic()
        by, wrong = "", []
        for by in trial[2]:
            wrong = self.wrong(by, self.numbers.get(trial[0], 0))
            if wrong:
                break
        seen = self.keep(trial, by, wrong[0], wrong[1:]) if wrong else self.keep(trial, "")
        say(f"{trial[0]}: {seen['by'] or 'nobody'} notices, {time.monotonic() - start:.0f} s {seen['saw']}")
        return seen

    def alone(self, trial):
        """With a kernel of its own, for what is no change of a function."""
        tree = self.trees[UM_KERNEL]
        git_tree = ["git", "-C", tree, "checkout", "-q", "-f", "HEAD"]
        subprocess.run(git_tree, check=True, timeout=600)
        for file, text in trial[1].items():
            (tree / file).write_text(text)
        log = self.build(KERNEL_ONLY="1")
        if log is None:
            return self.trial(trial)
        if not re.search(r" error: |undefined!|undefined reference", log):
            raise RuntimeError(f"cannot build {UM_KERNEL}: {log[-2000:]}")
        return self.keep(trial, None)

    def wrong(self, test, number):
        machine, limit = self.machine(test, number), self.limits[runner(test)]
        wrong = run_test(test, machine, limit)
        # A busy machine may be late once: only what a case or a splat says is sure
        if wrong and runner(test) not in KUNIT and not any("splats" in line for line in wrong):
            wrong = run_test(test, machine, 2 * limit)
        return wrong

    @staticmethod
    def map(function, items):
        """function(item) of each by all workers, in their order."""
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(function, items)
