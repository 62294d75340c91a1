"""git, by way of GitPython, and kept from running anything of the user's or the repository's and from asking anybody.

What git may be told to run comes from settings (hooks, a file system monitor, filters, diff and merge drivers, a
signing program, a pager, an editor) and from GIT_* variables. Both are overruled for each call; the rest of the user's
settings hold, since line endings and what is ignored depend on them. Nothing here ever signs: a key's agent may ask.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from heal.errors import GitFailed, NoHistory

# settings from the environment, the only way that takes a name with any sign in it, came with this
OLDEST = (2, 31)
_TIMEOUT_S = 300.0
# where the user keeps settings and git's own programs, and where the search for a repository ends
_KEPT = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES"}
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_EDITOR": "true",
    "GIT_PAGER": "cat",
    "GIT_LITERAL_PATHSPECS": "1",
}
_OVERRULED = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.quotePath", "false"),
    ("core.safecrlf", "false"),
    ("protocol.allow", "never"),
    ("commit.gpgSign", "false"),
    ("log.showSignature", "false"),
    ("submodule.recurse", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said: its exit code, its output as it was, and its complaint."""

    code: int
    out: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output without the line break at its end; bytes that are no UTF-8 are kept by escapes."""
        return os.fsdecode(self.out).removesuffix("\n")


@dataclass(frozen=True, slots=True)
class Git:
    """git in one folder. ``variables`` name the repository, its work tree and its index; empty: git looks for it.

    ``keep`` are open files that git inherits: a lock is held until the last git under it has ended.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[tuple[str, str], ...] = _OVERRULED
    keep: tuple[int, ...] = ()

    def having(self, **variables: str) -> Git:
        """The same with these variables as well."""
        return replace(self, variables={**self.variables, **variables})

    def unfiltered(self) -> Git:
        """The same, with every filter that settings name (LFS, and whatever else is a program) made to do nothing."""
        listed = self.ask("config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.")
        drivers = {name.rpartition(".")[0] for name in os.fsdecode(listed.out).split("\0") if name}
        off = [(f"{one}.{what}", "") for one in sorted(drivers) for what in ("clean", "smudge", "process")]
        return replace(self, settings=(*_OVERRULED, *off, *((f"{one}.required", "false") for one in sorted(drivers))))

    def ask(self, *words: str, stdin: bytes = b"") -> Answer:
        """What git says, whatever its exit code. Raises NoHistory where there is no git, GitFailed where it hangs."""
        _require_library()
        given = self._environment()
        strays = [name for name in os.environ if name.startswith("GIT_") and name not in given and name not in _KEPT]
        before = ["env", *(word for name in strays for word in ("-u", name))] if strays else []
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            code, out, complaint = self._execute([*before, "git", *words], given, source)
        if complaint.startswith("Timeout: the command"):
            raise GitFailed(f"git {words[0]} in {self.folder} took longer than {_TIMEOUT_S:.0f} s and was ended")
        return Answer(code, out, complaint.strip())

    def run(self, *words: str, stdin: bytes = b"", good: Collection[int] = (0,)) -> Answer:
        """What git says. Raises GitFailed where its exit code is none of ``good``."""
        answer = self.ask(*words, stdin=stdin)
        if answer.code not in good:
            raise GitFailed(f"git {words[0]} in {self.folder} failed: {answer.complaint or answer.code}")
        return answer

    def text(self, *words: str, stdin: bytes = b"") -> str:
        """The output as text, without the line break at its end. Raises GitFailed."""
        return self.run(*words, stdin=stdin).text

    def names(self, *words: str) -> tuple[str, ...]:
        """The paths of an output that ends each with NUL. Raises GitFailed."""
        return tuple(os.fsdecode(name) for name in self.run(*words).out.split(b"\0") if name)

    def _environment(self) -> dict[str, str]:
        told = {f"GIT_CONFIG_KEY_{n}": name for n, (name, _value) in enumerate(self.settings)}
        told |= {f"GIT_CONFIG_VALUE_{n}": value for n, (_name, value) in enumerate(self.settings)}
        return {**_QUIET, **told, "GIT_CONFIG_COUNT": str(len(self.settings)), **self.variables}

    def _execute(self, command: list[str], given: Mapping[str, str], source: BinaryIO) -> tuple[int, bytes, str]:
        import git  # noqa: PLC0415 - in the extra `models`; heal works without it

        try:
            return git.Git(str(self.folder)).execute(
                command,
                istream=source,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=_TIMEOUT_S,
                env=dict(given),
                universal_newlines=False,
                shell=False,
                start_new_session=True,
                pass_fds=self.keep,
            )
        except (git.GitCommandNotFound, OSError) as error:
            raise NoHistory(f"git cannot be run in {self.folder}: {error}. Patches need git on the PATH.") from error


def _require_library() -> None:
    """Raise NoHistory where GitPython is not installed."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    try:
        import git  # noqa: F401, PLC0415 - in the extra `models`
    except ImportError as error:
        raise NoHistory("patches need what the extra brings: pip install 'heal-hpc[models]'") from error


def require(git: Git) -> None:
    """Raise NoHistory where git is missing, or too old to be kept from running what settings name."""
    words = git.text("version").split()
    found = tuple(int(part) for part in (words[2] if len(words) > 2 else "0").split(".")[:2] if part.isdigit())  # noqa: PLR2004
    if found < OLDEST:
        least = ".".join(str(part) for part in OLDEST)
        raise NoHistory(f"git {'.'.join(map(str, found))} is too old for patches: {least} or newer is needed")
