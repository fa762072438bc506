# SPDX-License-Identifier: GPL-2.0-only
"""What checkpatch.pl leaves out of the messages, and the cover letter."""
import re

from .common import CHECK, TOP, Gate, run
from .steps import SERIES, appended, git, topics

WIDTH = 75
FIXES = TOP / "tools/testing/check-fixes"
FILE = "drivers/pci/endpoint/pci-epc-core.c"
SIGNED = "Signed-off-by: A <a@example.org>"


class Message(Gate):
    title = f"{WIDTH} columns, a body, its tags in one block, Fixes: of a known commit: each message"

    def wrong(self, step):
        text = git("log", "-1", "--format=%B", step.new)
        tags = git("interpret-trailers", "--parse", given=text + "\n").splitlines()
        body = text.splitlines()[1:]
        found = [f"more than {WIDTH} columns: {line}" for line in text.splitlines()
                 if len(line) > WIDTH and line not in tags and not line.startswith("Fixes: ")]
        found += [f"not in the block of tags: {line}" for line in body
                  if re.match(r"[A-Z][a-z]+(-[a-z]+)*: \S", line) and line not in tags]
        known = FIXES.read_text().splitlines()
        found += [f"not a commit of {FIXES.name}: {tag}" for tag in tags
                  if tag.startswith("Fixes: ") and tag.removeprefix("Fixes: ") not in known]
        return found or ([] if any(line and line not in tags for line in body) else ["no body"])

    def plants(self):
        return [(appended(FILE, "/* a */\n", message), seen) for message, seen in (
            (f"PCI: endpoint: {'Widen ' * 11}\n\nWhy.\n\n{SIGNED}", f"more than {WIDTH} columns"),
            (f'PCI: endpoint: Split\n\nWhy.\n\nFixes: 1c3b002c6bf6 ("PCI")\n\n{SIGNED}', "not in the block of tags: Fixes"),
            (f'PCI: endpoint: Split\n\nWhy.\n\nFixes: 0123456789ab ("PCI")\n{SIGNED}', "not a commit of"),
            (f"PCI: endpoint: Be silent\n\n{SIGNED}", "no body"))]


class Cover(Gate):
    title = f"{WIDTH} columns, 60 lines, as many patches as there are: each cover letter"
    scope = "once"
    cached = False

    @staticmethod
    def faults(text, count):
        found = [f"more than {WIDTH} columns: {line}" for line in text.splitlines()
                 if len(line.removeprefix("Subject: ")) > WIDTH]
        if len(text.splitlines()) > 60:
            found.append(f"{len(text.splitlines())} lines, more than 60")
        start = f"Subject: [PATCH 0/{count}] "
        return found + ([] if text.startswith(start) else [f"does not begin with {start}"])

    def wrong(self, step):
        return [f"{topic}: {fault}" for topic in topics() for fault in self.faults(
            (SERIES / topic / "cover-letter").read_text(), len(list((SERIES / topic).glob("0*.patch"))))]

    def blind(self):
        text = f"Subject: [PATCH 0/2] {'x' * WIDTH}\n" + "\n" * 60
        return [] if list(map(len, (self.faults(text, 2), self.faults(text, 1)))) == [2, 3] else ["does not see a planted fault"]


class Mail(Gate):
    title = "git send-email --dry-run: the mails of each topic"
    scope = "all"
    cached = False

    @staticmethod
    def refused(mails):
        """What git send-email says against mails, without asking."""
        code, out = run("git", "send-email", "--dry-run", "--quiet", "--confirm=never", "--from=a@example.org",
                        "--smtp-server=/bin/false", *mails, cwd=TOP)
        return [out.splitlines()[-1] if out else "it fails"] if code else []

    def wrong(self, step):
        found = []
        for topic in topics():
            code, out = run("tools/mail", topic, cwd=TOP)
            found += [f"{topic}: {line}" for line in
                      (out.splitlines()[-1:] if code else self.refused(sorted((TOP / "build/mail" / topic).iterdir())))]
        return found

    def blind(self):
        mail = CHECK / "nobody.patch"
        mail.write_text("From: a@example.org\nSubject: [PATCH] lib: to nobody\n\nWhy.\n")
        return [] if self.refused([mail]) else ["does not see a planted fault"]


GATES = [Message(), Cover(), Mail()]
