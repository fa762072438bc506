# SPDX-License-Identifier: GPL-2.0-only
"""Gates for documentation, in C and beside it."""
import re
from pathlib import Path

from .common import CHECK, JOBS, Compared, must, run
from .kernel import plain
from .steps import appended, checkout

DOCUMENT = "Documentation/PCI/endpoint/pci-endpoint.rst"


class KernelDoc(Compared):
    title = "kernel-doc -Wall: the sources that the series touches"
    scope = "tip"

    def subject(self, step):
        return step.sources(".c .h")

    def findings(self, commit, step):
        tree = checkout(commit)
        files = [f for f in self.subject(step) if (tree / f).exists()]
        if not files:
            return []
        code, out = run("scripts/kernel-doc", "-none", "-Wall", *files, cwd=tree, timeout=300)
        found = [plain(line) for line in out.splitlines() if line.strip()]
        return found or ([f"kernel-doc fails, exit {code}"] if code else [])

    def plants(self):
        return [(appended("drivers/pci/endpoint/pci-epc-core.c", "\n/**\n * planted() - do nothing\n * @a: is told\n *\n"
                          " * Return: 0\n */\nint planted(int a, int b)\n{\n\treturn 0;\n}\n"),
                 "parameter.* 'b' not described")]


class Sphinx(Compared):
    title = "Sphinx: the documents that the series touches"
    scope = "tip"

    def subject(self, step):
        """The directories of its documents, as far as they can be built alone."""
        return sorted({str(Path(f).parent) for f in step.files
                       if f.startswith("Documentation/") and f.endswith(".rst")})

    def findings(self, commit, step):
        tree = checkout(commit)
        found = []
        for where in self.subject(step):
            while not (tree / where / "index.rst").exists():
                where = str(Path(where).parent)
            out = CHECK / "obj/docs"
            must("rm", "-rf", out)
            out.mkdir(parents=True)
            code, text = run("make", "-C", tree, f"O={out}", f"-j{JOBS}", "htmldocs", "SPHINXOPTS=-j1",
                             f"SPHINXDIRS={where.removeprefix('Documentation/')}")
            bad = [plain(line) for line in text.splitlines()
                   if re.search(r"WARNING|ERROR|CRITICAL|SEVERE|[Ww]arning:|rror:|SKIP", line)]
            found += bad or ([f"htmldocs fails: {text.strip()[-300:]}"] if code else [])
        return found

    def plants(self):
        return [(appended(DOCUMENT, "\nPlanted here\n=====\n\n:doc:`nowhere`\n"), "[Uu]nderline too short"),
                (appended(DOCUMENT, "\n.. kernel-doc:: include/linux/nowhere.h\n"), "nowhere.h")]


GATES = [KernelDoc(), Sphinx()]
