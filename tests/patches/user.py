"""A user with a repository of their own, who works in it with plain git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from heal.model_settings import Patches
from heal.patch import Draft, Edit, Patch
from heal.patches.repository import Repository

SNAKEFILE = (
    'rule a:\n    output: "a.txt"\n    shell: "old > {output}"\n\nrule b:\n    output: "b.txt"\n    shell: "b"\n'
)
HEALED = SNAKEFILE.replace("old", "new")


@dataclass(frozen=True)
class User:
    root: Path

    def git(self, *words: str, check: bool = True, stdin: bytes | None = None) -> str:
        return os.fsdecode(self.raw(*words, check=check, stdin=stdin)).rstrip("\n")

    def raw(self, *words: str, check: bool = True, stdin: bytes | None = None) -> bytes:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        env |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "LC_ALL": "C"}
        command = ["git", "-C", str(self.root), *words]
        done = subprocess.run(command, env=env, capture_output=True, check=False, input=stdin)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}: {os.fsdecode(done.stderr)}")
        return done.stdout

    def begin(self, **files: str) -> User:
        self.root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ann")
        self.git("config", "user.email", "ann@uni.example")
        self.write("Snakefile", SNAKEFILE)
        for name, text in files.items():
            self.write(name, text)
        self.commit("begin")
        return self

    def write(self, path: str, what: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(what.encode() if isinstance(what, str) else what)
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def commit(self, subject: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def heal(self, settings: Patches | None = None, folder: str = "") -> Repository:
        place = self.root / folder
        return Repository.at(place, place / ".heal", settings)

    def state(self) -> tuple[str, str, str, str]:
        """What is theirs: where HEAD is, the index, the stashes, and every file of the work tree but heal's."""
        return (
            self.git("rev-parse", "HEAD") + " " + self.git("symbolic-ref", "-q", "HEAD", check=False),
            self.git("ls-files", "--stage", "-v"),
            self.git("stash", "list", "--format=%H"),
            repr(self.files()),
        )

    def files(self) -> dict[str, tuple[bytes, int]]:
        found = {}
        for file in sorted(self.root.rglob("*")):
            path = file.relative_to(self.root).as_posix()
            if file.is_file() and not file.is_symlink() and not {".git", ".heal"} & set(path.split("/")):
                found[path] = (file.read_bytes(), file.stat().st_mode & 0o111)
        return found


def patch(text: str = HEALED, path: str = "Snakefile", subject: str = "Call new, not old") -> Patch:
    return Patch((Edit(path, text),), subject, "The program old is gone.")


def draft(repository: Repository, what: Patch | None = None, incident: str = "7f3a", slug: str = "call-new") -> Draft:
    trailers = [("Heal-Model", "tiny"), ("Heal-Confidence", "0.90")]
    return repository.draft(what or patch(), incident=incident, slug=slug, trailers=trailers)
