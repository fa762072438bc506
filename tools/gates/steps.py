# SPDX-License-Identifier: GPL-2.0-only
"""Steps from one commit of linux/ to another: each patch, the whole series, a planted fault."""
import shutil
import tempfile
from functools import cached_property
from pathlib import Path

import uml

from .common import CHECK, LINUX, TOP, Broken, must, run

SERIES = TOP / "patches/v7.0"
WORKTREE = CHECK / "linux"

# Deaf to the user's settings and to the variables of a hook
SETTINGS = {"core.hooksPath": "/dev/null", "core.fsmonitor": "false", "commit.gpgSign": "false"}
ENV = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": str(len(SETTINGS)),
       **{f"GIT_CONFIG_KEY_{i}": k for i, k in enumerate(SETTINGS)},
       **{f"GIT_CONFIG_VALUE_{i}": v for i, v in enumerate(SETTINGS.values())},
       **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
          (("NAME", "make check"), ("EMAIL", "check@localhost"), ("DATE", "@1000000000 +0000"))}}


def git(*args, cwd=LINUX, **kw):
    return must("git", *args, cwd=cwd, env=ENV | kw.pop("env", {}), **kw).strip()


class Step:
    def __init__(self, name, old, new, patch=None, number=0):
        self.name, self.old, self.new, self.patch, self.number = name, old, new, patch, number

    @cached_property
    def files(self):
        """What it adds or changes."""
        return git("diff", "--name-only", "--diff-filter=d", self.old, self.new).split()

    @cached_property
    def mail(self):
        if self.patch:
            return self.patch.read_text(errors="surrogateescape")
        return must("git", "format-patch", "-1", "--stdout", "--no-signature", self.new, cwd=LINUX, env=ENV)

    @cached_property
    def key(self):
        return f"{git('rev-parse', self.old + '^{tree}', self.new + '^{tree}')}\n{self.mail if self.number else ''}"

    def sources(self, suffixes=".c .h .dtso"):
        """Those of its files that a kernel is built from."""
        return [f for f in self.files if Path(f).suffix in suffixes.split()
                and not f.startswith(("tools/", "scripts/", "Documentation/"))]


def topics():
    """The topics in their order."""
    return must("tools/topics", "--names", cwd=TOP).split()


def commits():
    """A step for each commit, named like its patch."""
    patches = [p for topic in topics() for p in sorted((SERIES / topic).glob("0*.patch"))]
    old = git("rev-parse", "base")
    steps = []
    for number, line in enumerate(git("log", "--reverse", "--format=%H %f", "base..HEAD").splitlines(), 1):
        new, subject = line.split(" ", 1)
        patch = patches[number - 1] if number <= len(patches) else None
        name = str(patch.relative_to(SERIES)) if patch else f"{number:04}-{subject} (not exported)"
        steps.append(Step(name, old, new, patch, number))
        old = new
    return steps


def tip():
    return Step("the series", git("rev-parse", "base"), git("rev-parse", "HEAD"))


def planted(message, edits):
    """A step from the tip that makes these edits, {path: function of the text}."""
    head = git("rev-parse", "HEAD")
    with tempfile.TemporaryDirectory(dir=CHECK) as where:
        env = {"GIT_INDEX_FILE": where + "/index"}
        git("read-tree", head, env=env)
        for path, edit in edits.items():
            code, text = run("git", "show", f"{head}:{path}", cwd=LINUX, env=ENV)
            blob = git("hash-object", "-w", "--stdin", given=edit("" if code else text))
            git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=env)
        tree = git("write-tree", env=env)
    return Step("planted: " + message.splitlines()[0], head, git("commit-tree", tree, "-p", head, "-m", message))


def appended(path, text, message=None):
    return planted(message or f"PCI: endpoint: Plant a fault in {path}", {path: lambda old: old + text})


def checkout(commit):
    """The one worktree, brought to that commit."""
    # Of an earlier linux/, or half made
    if not WORKTREE.exists() or run("git", "rev-parse", "-q", "--verify", "HEAD", cwd=WORKTREE, env=ENV)[0]:
        shutil.rmtree(WORKTREE, ignore_errors=True)
        git("worktree", "prune")
        git("worktree", "add", "-q", "--detach", WORKTREE, commit)
    elif git("rev-parse", "HEAD", cwd=WORKTREE) != git("rev-parse", commit) \
            or git("status", "--porcelain", "-uno", cwd=WORKTREE):
        git("checkout", "-q", "--detach", "-f", commit, cwd=WORKTREE)
    return WORKTREE


def choose(steps, wanted):
    """The steps whose names match T=."""
    matches = uml.pattern(wanted).search
    chosen = [s for s in steps if matches(s.name)]
    if not chosen:
        raise Broken(f"T={wanted}: no such patch, choose one of:\n" + "\n".join("  " + s.name for s in steps))
    return chosen
