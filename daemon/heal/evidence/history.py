"""What changed in the workflow's files since a task last succeeded: git is asked, and kept from running anything."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from heal.cases import Finding, Sight
from heal.evidence.contents import opened
from heal.knowledge.surroundings import Surroundings

_TIMEOUT_S = 10
_MOST_COMMITS = 20
_MOST_FILES = 24
_MOST_FINDINGS = 3
_BYTES = 1 << 20
_MOST_LINES = 200
_LINE = 120
_OPTIONS = (
    *(
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.pager=cat",
        "-c",
        "protocol.allow=never",
    ),
    *("-c", "log.showSignature=false", "-c", "core.quotePath=false", "--no-pager", "--literal-pathspecs"),
)
_LOG = (
    *("log", "--no-merges", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-show-signature"),
    *("--unified=0", "--patch", "--src-prefix=a/", "--dst-prefix=b/", f"--max-count={_MOST_COMMITS}"),
    "--format=%x01%h%x00%ct%x00%p%x00%s",
)
_CODE = re.compile(r"[\s()]")
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class _Changed:
    """One place of one file in one commit: the lines taken away and put there; ``added``: the file was not there."""

    file: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    added: bool = False

    def named(self, names: Sequence[str]) -> bool:
        return any(name in line for line in (*self.old, *self.new) for name in names)

    def told(self, names: Sequence[str], how: str) -> Finding:
        """The line that names one of the names, and what stood in its place; the first that says anything if none."""
        new, old = _first(self.new, names), _first(self.old, names)
        if new is None and old is None:
            new, old = _first(self.new, ("",)), _first(self.old, ("",))
        elif new is None and old is not None:
            new = _counterpart(old, self.old, self.new)
        elif old is None and new is not None:
            old = _counterpart(new, self.new, self.old)
        was = "" if old is None else f" - {self.old[old].strip()[:_LINE]}"
        now = "" if new is None else f" + {self.new[new].strip()[:_LINE]}"
        return Finding(Sight.CHANGED, self.file, f"{self.file}:{self.line + (new or 0)} {how}:{was}{now}")


def _first(lines: Sequence[str], names: Sequence[str]) -> int | None:
    """The place of the first line that holds one of the names, blank ones left out."""
    return next((at for at, line in enumerate(lines) if line.strip() and any(name in line for name in names)), None)


def _counterpart(at: int, lines: Sequence[str], others: Sequence[str]) -> int | None:
    """The place of the line that took this one's place; None where none is like it."""
    if len(lines) == len(others):
        return at
    alike = difflib.get_close_matches(lines[at], others[:_MOST_LINES], n=1)
    return others.index(alike[0]) if alike else None


class History:
    """Asks the git repository that holds the run's folder.

    A repository that git itself refuses to read, because it is another user's, is left unread.
    """

    def __init__(self, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._timeout_s = timeout_s

    def changes(self, files: Sequence[str], names: Sequence[str], around: Surroundings) -> tuple[Finding, ...]:
        """The changes to these files that mention one of the names; since the task last succeeded, where that is known.

        What was edited before and is still not committed was there when it succeeded. A commit did not change a file
        that it only put there, unless that was not there at that success.

        Where that is known, the newest change that mentions none is told too: what worked before does not work after.
        """
        folder = around.cwd or around.workdir
        if not folder or not os.path.isdir(folder):  # noqa: PTH112 - a text, which may be no path at all
            return ()
        top = self._git(folder, "rev-parse", "--show-toplevel").strip()
        inside = [path for path in dict.fromkeys(_below(name, folder, top) for name in files) if path][:_MOST_FILES]
        if not top or not inside:
            return ()
        wanted = _words(names)
        since = around.last_success
        found = [*self._open_changes(top, inside, wanted, since), *self._commits(top, inside, wanted, since)]
        return tuple(dict.fromkeys(found))[:_MOST_FINDINGS]

    def _commits(
        self, top: str, files: Sequence[str], names: Sequence[str], since: datetime | None
    ) -> Iterator[Finding]:
        limit = [f"--since={since.astimezone(UTC).isoformat()}"] if since else []
        told = 0
        newest: Finding | None = None
        for commit in self._git(top, *_LOG, *limit, "--", *files).split("\x01")[1:]:
            head, _, patch = commit.partition("\n")
            identity, seconds, parents, subject = [*head.split("\0", 3), "", "", ""][:4]
            if not seconds.isdigit():
                continue
            day = datetime.fromtimestamp(int(seconds), UTC)
            says = f"changed in {identity} '{subject[:_LINE]}' ({day:%Y-%m-%d}{_after(since)})"
            # what the first commit holds was there before anybody kept a history
            hunks = [hunk for hunk in _hunks(patch) if not hunk.added or (since and parents)]
            for hunk in [hunk for hunk in hunks if hunk.named(names)][:1]:
                told += 1
                yield hunk.told(names, says)
            if hunks and newest is None:
                newest = hunks[0].told((), says)
        if newest and not told and since:
            yield newest

    def _open_changes(
        self, top: str, files: Sequence[str], names: Sequence[str], since: datetime | None
    ) -> Iterator[Finding]:
        """What was edited since and never committed. Compared here: git may run the filters of a repository."""
        for file in files:
            if since and _written(os.path.join(top, file)) < since.timestamp():  # noqa: PTH118 - a text
                continue
            before = self._git(top, "cat-file", "blob", f"HEAD:{file}")
            try:
                with opened(os.path.join(top, file)) as text:  # noqa: PTH118 - a text
                    now = text.read(_BYTES).decode("utf-8", "replace")
            except (OSError, ValueError):
                continue
            if not before or len(before) >= _BYTES or len(now) >= _BYTES:
                continue
            for hunk in _compared(file, before, now):
                if hunk.named(names):
                    yield hunk.told(names, "was edited and is not committed")
                    break

    def _git(self, folder: str, *words: str) -> str:
        """The answer; empty where git is not here, refuses, or takes too long."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        env |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}
        env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_PAGER": "cat"}
        try:
            answer = subprocess.run(
                ["git", "-C", folder, *_OPTIONS, *words],
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._timeout_s,
                start_new_session=True,
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return ""
        return answer.stdout[: 8 * _BYTES].decode("utf-8", "replace") if answer.returncode == 0 else ""


def _written(path: str) -> float:
    """When a file was written last, in seconds since 1970; 0 where there is none."""
    try:
        return os.stat(path).st_mtime  # noqa: PTH116 - a text
    except (OSError, ValueError):
        return 0.0


def _after(since: datetime | None) -> str:
    return f", after this task last succeeded on {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if since else ""


def _below(name: str, folder: str, top: str) -> str:
    """The file as git names it; empty where it does not lie in the repository."""
    path = Path(os.path.normpath(os.path.join(folder, name)))  # noqa: PTH118 - texts
    for base in (Path(top), Path(os.path.realpath(top))):
        for one in (path, Path(os.path.realpath(path))):
            if top and one.is_relative_to(base):
                return one.relative_to(base).as_posix()
    return ""


def _words(names: Sequence[str]) -> list[str]:
    """The names, and the last part of each that is a path, not a line of code."""
    last = [PurePath(name).name for name in names if not _CODE.search(name)]
    return [word for word in dict.fromkeys([*names, *last]) if len(word) > 1]


def _hunks(patch: str) -> Iterator[_Changed]:
    file, line, added = "", 0, False
    old: list[str] = []
    new: list[str] = []
    for text in [*patch.split("\n"), "diff"]:
        got = _HUNK.match(text)
        if got or text.startswith("diff"):
            if file and (old or new):
                yield _Changed(file, line, tuple(old), tuple(new), added)
            old, new = [], []
            line, added = (int(got[2]), added) if got else (0, False)
        elif not line and text.startswith(("+++ b/", "--- a/")):
            file = text[6:].rstrip("\t")
        elif not line and text == "--- /dev/null":
            added = True
        elif line and text[:1] in "+-":
            (new if text.startswith("+") else old).append(text[1:])


def _compared(file: str, before: str, now: str) -> Iterator[_Changed]:
    old, new = before.splitlines(), now.splitlines()
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if kind != "equal":
            yield _Changed(file, k + 1, tuple(old[i:j]), tuple(new[k:m]))
