# SPDX-License-Identifier: GPL-2.0-only
"""Coccinelle: the kernel's own semantic patches, in report mode."""
import re
from concurrent.futures import ThreadPoolExecutor

from .common import JOBS, Compared, run
from .kernel import plain
from .steps import appended, checkout


class Cocci(Compared):
    title = "coccicheck, MODE=report: the sources that the series touches"
    scope = "tip"

    def subject(self, step):
        return step.sources(".c")

    def findings(self, commit, step):
        tree = checkout(commit)
        files = [f for f in self.subject(step) if (tree / f).exists()]
        if not files:
            return []
        # Two are written in OCaml, of which Debian's spatch lacks what it needs to run them
        scripts = [s for s in sorted((tree / "scripts/coccinelle").rglob("*.cocci"))
                   if re.search(r"^virtual.*\breport\b", s.read_text(), re.M)
                   and not re.search(r"^@.*\bocaml\b", s.read_text(), re.M)]
        with ThreadPoolExecutor(int(JOBS)) as pool:
            return [line for found in pool.map(lambda s: self.report(tree, s, files), scripts) for line in found]

    @staticmethod
    def report(tree, script, files):
        options = re.findall(r"^// Options: (.*)", script.read_text(), re.M)
        code, out = run("spatch", "--very-quiet", "-D", "report", "--cocci-file", script,
                        *(options[0].split() if options else []), "-I", tree / "include", *files,
                        cwd=tree, timeout=600)
        found = [plain(line) for line in out.splitlines() if re.match(r"\S+\.[ch]:\d+", line)]
        return found or ([f"{script.name} fails: {out[-300:]}"] if code else [])

    def plants(self):
        return [(appended("drivers/pci/endpoint/pci-ep-cfs.c",
                          "\nvoid planted(void *p)\n{\n\tif (p)\n\t\tkfree(p);\n}\n"), "NULL check before")]


GATES = [Cocci()]
