# SPDX-License-Identifier: GPL-2.0-only
"""The KUnit suites of the series, by the stock kunit.py, and what all its runs leave out."""
import json
import os
import re

import uml

from .common import CCACHE, CHECK, JOBS, TOP, Gate, run
from .steps import appended, checkout

RESULTS = CHECK / "kunit"
TESTS = "drivers/pci/endpoint/tests/pci_ep_doorbell_kunit.c"
PLANTED = """
static void planted_fails(struct kunit *test)
{
	WARN_ON(1);
	KUNIT_EXPECT_EQ(test, 1, 2);
}

static struct kunit_case planted_cases[] = { KUNIT_CASE(planted_fails), {} };
static struct kunit_suite planted_suite = { .name = "planted", .test_cases = planted_cases };
kunit_test_suite(planted_suite);
"""

# 7.0 itself warns, once, on what has no PCI_DOMAINS_GENERIC: UML and x86_64
DOMAINS = "This architecture doesn't support generic PCI domains"
DOMAINS_TRACE = re.compile(r"WARNING: \S*pci-epc-core\.c:\d+ at __pci_epc_create\b(?s:.*?)Call Trace:")


def splats(log):
    if DOMAINS in log:
        log = DOMAINS_TRACE.sub("", log, count=1)
    return [line.strip() for line in log.splitlines() if uml.SPLATS.search(line)]


def cases(group, path=()):
    """{suite.case: status} of what kunit.py --json wrote."""
    found = {".".join((*path, case["name"])): case["status"] for case in group["test_cases"]}
    for sub in group["sub_groups"]:
        found |= cases(sub, (*path, sub["name"]))
    return found


class Run(Gate):
    def __init__(self, name, scope, *args, build=None):
        self.title, self.scope, self.args = f"KUnit on {name}", scope, args
        self.build = CHECK / "obj" / f"kunit-{build or name}"
        self.bound = 600

    @property
    def results(self):
        return RESULTS / (self.name() + ".json")

    def note(self):
        if not self.results.exists():
            return ""
        status = list(cases(json.loads(self.results.read_text())).values())
        return f": {len(status)} cases, {status.count('PASS')} passed, {status.count('SKIP')} skipped"

    def wrong(self, step):
        tree = checkout(step.new)
        RESULTS.mkdir(parents=True, exist_ok=True)
        self.build.mkdir(parents=True, exist_ok=True)
        # kunit.py keeps a configuration that has more than it asks for
        for left in (self.results, self.build / ".config", self.build / "test.log"):
            left.unlink(missing_ok=True)
        compiler = next((a.partition("=")[2] for a in self.args if a.startswith("--cross_compile=")), "") + "gcc"
        code, out = run("./tools/testing/kunit/kunit.py", "run", "--kunitconfig=drivers/pci/endpoint", *self.args,
                        f"--build_dir={self.build}", f"--jobs={JOBS}", f"--timeout={self.bound}",
                        "--make_options", f"CC=ccache {compiler}", f"--json={self.results}", cwd=tree, timeout=5400,
                        env=CCACHE | {"PATH": f"{TOP}/tools/testing/qemu:{os.environ['PATH']}"})
        if not self.results.exists():
            return [f"no results: {out.strip()[-500:]}"]
        status = cases(json.loads(self.results.read_text()))
        found = [f"{case}: {what}" for case, what in status.items() if what not in ("PASS", "SKIP")]
        if not {"PASS"} & set(status.values()):
            found.append("no case passed")
        found += splats((self.build / "test.log").read_text(errors="replace"))
        return found or ([f"kunit.py: exit {code}"] if code else [])

    def plants(self):
        return [(appended(TESTS, PLANTED), r"(?s)planted_fails: FAIL.*WARNING: ")]


class Everywhere(Gate):
    """A case that is skipped in every run counts as missing."""
    title = "KUnit: every case runs somewhere"
    scope = "all"
    cached = False

    def __init__(self, runs):
        self.runs = runs

    @staticmethod
    def skipped(runs):
        ran = {case for status in runs for case, what in status.items() if what != "SKIP"}
        return sorted(f"{case}: skipped everywhere" for case in set().union(*runs) - ran)

    def wrong(self, step):
        lacking = [f"no results of {r.title}" for r in self.runs if not r.results.exists()]
        return lacking or self.skipped([cases(json.loads(r.results.read_text())) for r in self.runs])

    def blind(self):
        sample = [{"a": "SKIP", "b": "SKIP"}, {"a": "PASS", "b": "SKIP"}]
        return [] if self.skipped(sample) == ["b: skipped everywhere"] else ["does not see a planted fault"]


GART = "--kconfig_add=CONFIG_GART_IOMMU=y"
RUNS = [
    Run("um", "once"),
    Run("arm64", "all", "--arch=arm64", "--cross_compile=aarch64-linux-gnu-"),
    Run("x86_64", "all", "--arch=x86_64"),
    Run("x86_64 with GART_IOMMU", "all", "--arch=x86_64", GART, build="x86_64"),
    Run("x86_64 with GART_IOMMU and threadirqs", "all", "--arch=x86_64", GART, "--kernel_args=threadirqs", build="x86_64"),
    Run("x86_64 with PREEMPT_RT and lockdep", "all", "--arch=x86_64", GART, *(f"--kconfig_add=CONFIG_{c}=y" for c in (
        "EXPERT", "PREEMPT_RT", "PROVE_LOCKING")), build="x86_64-rt"),
]
GATES = [*RUNS, Everywhere(RUNS)]
