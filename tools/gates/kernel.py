# SPDX-License-Identifier: GPL-2.0-only
"""Objects of one commit after the other, in one directory for each compiler."""
import re
from functools import lru_cache
from pathlib import Path

from .common import CCACHE, CHECK, JOBS, TOP, run
from .steps import WORKTREE, checkout, git, tip

CONFIG = TOP / "tools/testing/check.config"
COMPILERS = {
    "um": ("um", ["CC=ccache gcc"]),
    "x86_64": ("x86_64", ["CC=ccache gcc"]),
    "arm64": ("arm64", ["CROSS_COMPILE=aarch64-linux-gnu-", "CC=ccache aarch64-linux-gnu-gcc"]),
    "clang": ("x86_64", ["LLVM=-16", "CC=ccache clang-16"]),
}
# Of compiler, sparse, dtc, ld and modpost; but no names of files that make works on
COMPLAINT = re.compile(r"(?<![\w/-])(warning|error|Warning|undefined reference|WARNING|ERROR)\b")
NO_NEWS = re.compile(r"^  [A-Z]+ ")


@lru_cache(None)
def directories():
    """What holds the sources that the series touches, without those below another."""
    dirs = {str(Path(f).parent) for f in tip().sources(".c .dtso") if not f.startswith("include/")}
    return sorted(d for d in dirs if not any(str(p) in dirs for p in Path(d).parents))


def plain(line):
    """A complaint without what moves it: its place in the file and in the machine."""
    line = re.sub(r"[\w./-]*/check/linux/", "", line)
    return re.sub(r"(?<=\w):\d+(:\d+)?(-\d+)?(?=:| )| on line \d+", "", line).strip()


class Kernel:
    def __init__(self, name, compiler):
        self.arch, self.args = COMPILERS[compiler]
        self.obj = CHECK / "obj" / name
        self.configured = None

    def make(self, tree, *args):
        return run("make", "-C", tree, f"O={self.obj}", f"ARCH={self.arch}", "--no-print-directory", "-k",
                   "-Otarget", f"-j{JOBS}", *self.args, *args, timeout=1800,
                   env=CCACHE | {"KBUILD_BUILD_TIMESTAMP": "@0", "KBUILD_BUILD_USER": "check", "KBUILD_BUILD_HOST": "check"})

    def wanted(self, settings):
        options = {}
        for line in CONFIG.read_text().splitlines():
            found = re.match(r"(?:(\w+): )?CONFIG_(\w+)=(.*)", line)
            if found and found.group(1) in (None, self.arch):
                options[found.group(2)] = found.group(3)
        return options | settings

    def configure(self, commit, **settings):
        """The worktree at that commit, configured; options that do not stand as wanted."""
        tree = checkout(commit)
        wanted = self.wanted(settings)
        inputs = git("ls-files", "-s", "*Kconfig*", cwd=tree), wanted
        if self.configured != inputs:
            self.obj.mkdir(parents=True, exist_ok=True)
            (self.obj / "all.config").write_text("".join(f"CONFIG_{k}={v}\n" for k, v in wanted.items()))
            code, out = self.make(tree, f"KCONFIG_ALLCONFIG={self.obj}/all.config", "allnoconfig")
            if code:
                return tree, [f"allnoconfig: {out.strip()[-300:]}"]
            self.configured = inputs
        text = (self.obj / ".config").read_text()
        stands = dict(re.findall(r"^CONFIG_(\w+)=(.*)", text, re.M))
        # Kconfig drops without a word what has no prompt or an unmet dependency
        return tree, [f"CONFIG_{name}={value} does not stand, it is {stands.get(name, 'n')}"
                      for name, value in wanted.items() if stands.get(name, "n") != value
                      and (value == "n" or self.declared(commit, name))]

    @staticmethod
    @lru_cache(None)
    def declared(commit, name):
        """Whether that commit knows the symbol: a patch of the series may add it later."""
        return run("git", "grep", "-qE", rf"^\s*(menu)?config {name}$", commit, "--", "*Kconfig*", cwd=checkout(commit))[0] == 0

    def complaints(self, tree, *args):
        code, out = self.make(tree, *args)
        found = [plain(line) for line in out.splitlines() if COMPLAINT.search(line) and not NO_NEWS.search(line)]
        if code and not found:
            found = [f"make fails: {out.strip()[-300:]}"]
        return found

    def examine(self, commit, step, *args):
        """Complaints of all that a step may change, made anew at that commit, and which of its files went into that."""
        there = set(git("ls-tree", "-r", "--name-only", commit, "--", *step.files, cwd=checkout(commit)).split())
        # Where one of these changes any object may be another
        build = any(Path(f).name.startswith(("Kconfig", "Makefile")) for f in there)
        if not build and not step.sources():
            return [], there
        tree, dropped = self.configure(commit)
        for cmd in self.commands():
            if build or there & self.inputs(cmd):
                cmd.with_name(cmd.name[1:-len(".cmd")]).unlink(missing_ok=True)
                cmd.unlink()
        dirs = [d + "/" for d in directories() if (tree / d).exists()]
        if not build and all(f.startswith(tuple(dirs)) for f in step.sources()):
            dirs = [d for d in dirs if any(f.startswith(d) for f in there)]
        found = self.complaints(tree, "W=1", *args, *dirs)
        return dropped + found, there & set().union(*map(self.inputs, self.commands()))

    def commands(self):
        """Where kbuild notes how it made a file, and of what."""
        return [file for d in directories() for file in (self.obj / d).rglob(".*.cmd")]

    @staticmethod
    def inputs(cmd):
        """The files of the kernel in one of those notes; the project itself may be below a directory of such a name."""
        text = cmd.read_text(errors="replace").replace(f"{WORKTREE}/", "")
        return set(re.findall(r"\b(?:drivers|include|arch|kernel|lib)/[\w./+-]+\.\w+", text))
