# SPDX-License-Identifier: GPL-2.0-only
"""Gates that read a patch as it is mailed."""
import re
import shutil
import tempfile
from functools import lru_cache

from .common import CHECK, LINUX, TOP, Gate, run
from .steps import ENV, appended, git, planted

CORE = "drivers/pci/endpoint/pci-epc-core.c"
EXCEPTIONS = TOP / "tools/testing/checkpatch-exceptions"
SPELLING = ("codespell", "--ignore-words-list=mis,ser,inout,bu,synopsys")
# In pieces, since this file is looked at too
WRONG = "rec" + "ieves"


def mail_file(step, where):
    file = f"{where}/{step.name.split()[0].strip(':').replace('/', '-')}"
    with open(file, "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write(step.mail)
    return file


class Apply(Gate):
    title = "git am, without fuzz: each patch"

    def wrong(self, step):
        if step.number and not step.patch:
            return ["there is no such file in patches/: run make export"]
        tree = CHECK / "am"
        shutil.rmtree(tree, ignore_errors=True)
        git("worktree", "prune")
        git("worktree", "add", "-q", "--detach", "--no-checkout", tree, step.old)
        try:
            git("read-tree", step.old, cwd=tree)
            with tempfile.TemporaryDirectory() as where:
                code, out = run("git", "am", "-q", mail_file(step, where), cwd=tree, env=ENV)
            if code:
                return out.splitlines() or ["git am fails"]
            if git("rev-parse", "HEAD^{tree}", cwd=tree) != git("rev-parse", step.new + "^{tree}"):
                return ["applied, it is not what linux/ has: run make export"]
            return []
        finally:
            shutil.rmtree(tree, ignore_errors=True)
            git("worktree", "prune")

    def plants(self):
        fuzzy = planted("PCI: endpoint: Need fuzz", {CORE: lambda t: t.replace(
            "#include <linux/slab.h>\n", "#include <linux/slab.h>\n#include <linux/planted.h>\n", 1)})
        # A line of context that is not so in the file: what patch -F1 would take
        fuzzy.mail = re.sub(r"^ #include <linux/slab.h>$", " #include <linux/slub.h>", fuzzy.mail, flags=re.M)
        return [(fuzzy, "patch does not apply")]


def excepted():
    return [re.compile(line.split("|")[0].strip()) for line in EXCEPTIONS.read_text().splitlines()
            if line and not line.startswith("#")]


def checkpatch(*files):
    _, out = run(LINUX / "scripts/checkpatch.pl", "--strict", "--no-summary", "--show-types", "--terse",
                 *files, cwd=LINUX)
    allow = excepted()
    # Any other line is an error of checkpatch.pl itself
    return [line for line in out.splitlines() if not any(a.search(line) for a in allow)]


class Checkpatch(Gate):
    title = "checkpatch.pl --strict: each patch"

    def wrong(self, step):
        with tempfile.TemporaryDirectory() as where:
            return [line.replace(where + "/", "") for line in checkpatch(mail_file(step, where))]

    def plants(self):
        return [(appended(CORE, "int f( int a){return a;}\n"), "ERROR:SPACING"),
                (appended(CORE, "\n/* a */\n"), "MISSING_SIGN_OFF")]


class Spelling(Gate):
    title = "codespell: what each patch adds"

    def wrong(self, step):
        message, _, diff = step.mail.partition("\ndiff --git ")
        added = re.findall(r"^\+(?!\+\+ )(.*)", diff, re.M)
        with tempfile.TemporaryDirectory() as where:
            file = where + "/added"
            with open(file, "w", encoding="utf-8", errors="replace") as f:
                f.write("\n".join([message, *added]))
            code, out = run(*SPELLING, file)
        found = [re.sub(r"^\S+:\d+: ", "", line) for line in out.splitlines()]
        return found or (["codespell fails"] if code else [])

    def plants(self):
        return [(appended(CORE, f"/* {WRONG} */\n"), f"{WRONG} ==> receives"),
                (appended(CORE, "/* a */\n", f"PCI: endpoint: It {WRONG}\n\nWhy."), f"{WRONG} ==> receives")]


@lru_cache(None)
def owned(file, maintainers):
    """Whether get_maintainer.pl, by that MAINTAINERS, finds an owner of its own."""
    with tempfile.NamedTemporaryFile("w") as diff, tempfile.NamedTemporaryFile("w") as mpath:
        mpath.write(git("cat-file", "blob", maintainers) + "\n")
        mpath.flush()
        # As a patch, since a file named with -f has to be there
        diff.write(f"diff --git a/{file} b/{file}\n--- a/{file}\n+++ b/{file}\n@@ -1 +1 @@\n-a\n+b\n")
        diff.flush()
        _, out = run(LINUX / "scripts/get_maintainer.pl", "--nogit", "--nogit-fallback", "--no-l",
                     "--norolestats", "--mpath", mpath.name, diff.name, cwd=LINUX)
    # Whoever takes the rest is no owner
    return any("@" in line and "torvalds@" not in line for line in out.splitlines())


class Owner(Gate):
    title = "get_maintainer.pl: an owner for every file of each patch"

    def wrong(self, step):
        maintainers = git("rev-parse", step.new + ":MAINTAINERS")
        return [f"{f}: get_maintainer.pl finds no owner" for f in step.files
                if f != "MAINTAINERS" and not owned(f, maintainers)]

    def plants(self):
        return [(appended("planted.c", "int x;\n"), "planted.c: .*no owner")]


GATES = [Apply(), Checkpatch(), Spelling(), Owner()]
