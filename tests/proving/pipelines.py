"""A small pipeline in git, one of its tasks failed, and a change to it in a worktree of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from heal.patch import Draft
from heal.proving.replay import Failed
from heal.records import Attempt, Run

BIN = Path(sys.executable).parent
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEAL_", "SLURM_", "PYTEST_"))}
    return {**clean, "PATH": f"{BIN}:{clean['PATH']}"}


@dataclass(frozen=True)
class Project:
    """``folder`` is the user's work tree, with files that git knows and files that it does not."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, tracked: Mapping[str, str], untracked: Mapping[str, str] = {}) -> Project:
        project = cls(folder)
        folder.mkdir(parents=True)
        project.git("init", "-q")
        for name, text in tracked.items():
            project.write(name, text)
        project.git("add", "--all")
        project.git("-c", "user.name=n", "-c", "user.email=e@e", "commit", "-q", "-m", "base")
        for name, text in untracked.items():
            project.write(name, text)
        return project

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def git(self, *words: str) -> str:
        answer = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True, check=True)
        return answer.stdout.strip()

    def draft(self, **changed: str | None) -> Draft:
        """The files of the base with these changes, in a worktree of git's; None takes a file away."""
        base = self.git("rev-parse", "HEAD")
        worktree = self.folder / ".heal" / "worktrees" / f"w{len(list(self.folder.glob('.heal/worktrees/*')))}"
        self.git("worktree", "add", "-q", "--detach", str(worktree), base)
        for name, text in changed.items():
            if text is None:
                (worktree / name).unlink()
            else:
                (worktree / name).parent.mkdir(parents=True, exist_ok=True)
                (worktree / name).write_text(text, encoding="utf-8")
        commit = hashlib.sha1(repr(sorted(changed.items())).encode(), usedforsecurity=False).hexdigest()
        git_dir = self.folder / ".git"
        return Draft(self.folder, git_dir, "heal/x", base, commit, "p", worktree, tuple(changed), "subject", "why")

    def run(self, *argv: str, cwd: Path | None = None, engine: str = "snakemake") -> Run:
        return Run("run-1", "run-1", engine, str(cwd or self.folder), argv, STARTED)

    def failed(
        self,
        run: Run,
        rule: str,
        *,
        wildcards: str = "",
        given: tuple[str, ...] = (),
        makes: tuple[str, ...] = (),
        **more: object,
    ) -> Failed:
        key = f"{rule}:{wildcards}" if wildcards else rule
        name = f"{rule} ({wildcards})" if wildcards else rule
        facts = {"input": list(given), "output": list(makes), "shell": more.pop("shell", "")}
        known = {name: more.pop(name) for name in ("native_id", "workdir", "log_paths", "asked") if name in more}
        attempt = Attempt(
            1, run.id, run.lineage, run.engine, key, name, rule, **{"workdir": run.cwd, **known}, ok=False, facts=facts
        )
        return Failed("7f3a", run, attempt, environment(), **more)

    def fingerprint(self) -> dict[str, tuple[int, int, bytes]]:
        """Everything in the folder as it is, apart from heal's own and git's."""
        found = {}
        for place, folders, files in os.walk(self.folder):
            folders[:] = [name for name in folders if name not in (".heal", ".git")]
            for name in [*files, *folders]:
                path = Path(place, name)
                said = path.lstat()
                content = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (said.st_mode, said.st_mtime_ns, content)
        return found
