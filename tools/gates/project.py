# SPDX-License-Identifier: GPL-2.0-only
"""Gates for what is not the series: the tools, the simulator, the texts."""
import re
import shutil
import tempfile
from pathlib import Path

from .common import CCACHE, TOP, Gate, run
from .patch import SPELLING, checkpatch
from .steps import Step, git


def tracked(*patterns):
    """As paths from the top directory, which is where gates run."""
    return [f for f in git("ls-files", *patterns, cwd=TOP).split() if (TOP / f).exists()]


def first_line(path):
    with open(TOP / path, encoding="utf-8", errors="replace") as f:
        return f.readline()


class Files(Gate):
    """A gate that looks at files of the project; a planted fault is a file with this text."""
    scope = "once"
    cached = False
    planted = suffix = ""
    seen = "."

    def files(self):
        raise NotImplementedError

    def look(self, files):
        raise NotImplementedError

    def wrong(self, step):
        return self.look(step.paths if isinstance(step, Sample) else self.files())

    def plants(self):
        with tempfile.TemporaryDirectory() as where:
            path = Path(where) / ("planted" + self.suffix)
            path.write_text(self.planted)
            yield Sample(path), self.seen


class Sample(Step):
    """A planted file instead of a step."""

    def __init__(self, path):
        super().__init__("planted", None, None)
        self.paths = [path]


def output(*command):
    code, out = run(*command)
    return (out.splitlines() or ["fails"]) if code else []


def shell():
    return [f for f in tracked("tools", ".ci") if re.match(r"#!.*\b(sh|bash)$", first_line(f))
            or f.endswith(".sh") or "/scenarios/" in f or "/proofs/" in f]


class Shell(Files):
    title = "shellcheck: the tools"
    planted = "#!/bin/sh\nif [ $a = b ]; then rm -rf $UNSET/; fi; for x in $(ls); do :; done\ncd /nowhere\n"
    suffix = ".sh"
    seen = "SC2045"

    def files(self):
        return shell()

    def look(self, files):
        return output("shellcheck", "-x", "-P", TOP, "--severity=warning", "-e", "SC2154,SC2034", *files)


class Python(Files):
    title = "Python parses: the tools"
    planted = "def f(:\n"
    seen = "invalid syntax"

    def files(self):
        return [f for f in tracked("tools") if "python3" in first_line(f) or f.endswith(".py")]

    def look(self, files):
        found = []
        for file in files:
            try:
                compile((TOP / file).read_text(), str(file), "exec")
            except SyntaxError as error:
                found.append(f"{file}: {error}")
        return found


class Lines(Files):
    """A gate that tells what is wrong with the text of each file."""

    def files(self):
        return tracked()

    def look(self, files):
        return [f"{f}: {fault}" for f in files
                for fault in self.faults(str(f), (TOP / f).read_text(errors="replace"))]

    def faults(self, name, text):
        raise NotImplementedError


class Spdx(Lines):
    title = "SPDX tag: every file"
    planted = "int x;\n"
    exempt = re.compile(r"COPYING$|\.patch$|cover-letter$|\.svg$|\.gitignore$")

    def faults(self, name, text):
        top = "".join(text.splitlines(True)[:3])
        if not self.exempt.search(name) and "SPDX-License-Identifier: GPL-2.0-only" not in top:
            yield "no SPDX tag at its top"


class Paths(Lines):
    title = "no registry's host, no path of one machine: every file"
    # In pieces, since this file is looked at too
    places = ["/work/" + "main", "/work/" + "scratch", "/work/" + "shared", r"\.\./" + "shared"]
    hosts = [r"deb\." + r"debian\.org", r"registry\." + "npmjs"]
    bad = re.compile("|".join(places + hosts))
    planted = "see /work/" + "main\n"

    def faults(self, name, text):
        for number, line in enumerate(text.splitlines(), 1):
            if self.bad.search(line):
                yield f"{number}: {line}"


class Length(Lines):
    def __init__(self, most, what, files):
        self.most, self.title, self.files = most, f"at most {most} lines: {what}", files
        self.planted = "x\n" * (most + 1)

    def faults(self, name, text):
        lines = len(text.splitlines())
        if lines > self.most:
            yield f"{lines} lines"


class Whole(Gate):
    """A gate that is a tool of the project; a planted fault is one in a copy of it, on the same linux/."""
    scope = "once"
    cached = False
    spoilt = old = new = ""

    def look(self, top):
        raise NotImplementedError

    def wrong(self, step):
        return self.look(TOP)

    def blind(self):
        with tempfile.TemporaryDirectory() as where:
            top = Path(where)
            for part in ("tools", "patches", "Documentation"):
                shutil.copytree(TOP / part, top / part)
            (top / "build").mkdir()
            (top / "linux").symlink_to(TOP / "linux")
            # What fails without the fault, wrong() tells of
            if self.look(top):
                return []
            for file in sorted(top.glob(self.spoilt))[:1]:
                file.write_text(file.read_text().replace(self.old, self.new, 1))
            return [] if self.look(top) else ["does not see a planted fault"]


class Export(Whole):
    title = "the same, byte for byte: linux/ and patches/"
    spoilt, old, new = "patches/*/*/0001*", "[PATCH]", "[PATCH v2]"

    def wrong(self, step):
        return output("tools/linux") or super().wrong(step)

    def look(self, top):
        return output(top / "tools/export", "--same")


class Musts(Whole):
    title = "its patch, its test, a change that applies: each must"
    spoilt, old, new = "tools/testing/musts", "\nby ", "\nby a patch that is not there: "

    def look(self, top):
        return output(top / "tools/musts", "--check")


class Words(Files):
    title = "codespell: the project"
    # In pieces, since this file is looked at too
    planted = "It rec" + "ieves.\n"
    seen = "receives"

    def files(self):
        return [f for f in tracked("*.md", "*.rst", "tools", "drivers", "include", "patches")
                if not f.endswith(".patch")]

    def look(self, files):
        return output(*SPELLING, *files)


class Style(Files):
    title = "checkpatch.pl --strict: the simulator"
    planted = "int f( int a){return a;}\n"
    suffix = ".c"
    seen = "SPACING"

    def files(self):
        return tracked("drivers/*.c", "include/*.h")

    def look(self, files):
        return checkpatch("-f", *(TOP / f for f in files))


class Simulator(Gate):
    title = "W=1 gcc, um: the simulator"
    scope = "once"
    cached = False

    def wrong(self, step):
        source = step.paths[0].parent if isinstance(step, Sample) else TOP / "drivers"
        with tempfile.TemporaryDirectory(dir=TOP / "build") as where:
            code, out = run("make", "-C", TOP / "linux", f"O={TOP}/build/kernel/series/obj", "ARCH=um",
                            f"KBUILD_KCONFIG={TOP}/Kconfig", "CC=ccache gcc", "W=1", f"M={source}",
                            f"MO={where}/out", env=CCACHE)
        bad = [line for line in out.splitlines() if "warning:" in line or "error:" in line]
        return bad or ([out[-1000:]] if code else [])

    def plants(self):
        with tempfile.TemporaryDirectory(dir=TOP / "build") as where:
            path = Path(where) / "planted.c"
            (path.parent / "Kbuild").write_text("obj-m := planted.o\n")
            path.write_text('#include <linux/module.h>\nvoid undeclared(void) {}\n'
                            'MODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("x");\n')
            yield Sample(path), "no previous prototype"


GATES = [Shell(), Python(), Spdx(), Paths(), Length(120, "README.md", lambda: ["README.md"]),
         Length(100, "a tool in shell", shell), Words(), Export(), Musts(), Style(), Simulator()]
