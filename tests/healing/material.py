"""The broken pipelines of this folder, as data: what fails in each, what a scripted model answers, what is right then.

Each is a folder with ``pipeline/`` (the files as their user has them) and ``case.yaml``; ``committed/`` holds the files
that git has in another state than the user.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from heal.chain.assignment import Source
from heal.chain.edits import parse

HERE = Path(__file__).parent
ROLES = ("triage", "coder", "reviewer", "writer")


@dataclass(frozen=True)
class Wrong:
    """A tempting patch that is to be refused: by whom (guard, tester or reviewer), and why.

    ``by`` is the rule of the guard that refuses it, or how heal says that it was refused.

    ``ends``, ``says`` and ``outputs`` are how the pipeline ends with it. The reviewer's answer is a gullible one where somebody
    else is to refuse it.
    """

    kind: str
    how: str
    by: str
    why: str
    coder: str
    reviewer: str
    ends: int
    outputs: Mapping[str, str]
    says: str = ""


@dataclass(frozen=True)
class Case:
    """A broken pipeline. ``process`` fails (None: the engine itself), in words that have ``says`` in them.

    ``tasks`` is how many each rule or process has. ``answers`` are what the scripted model says, by role; ``changes``
    the files that its patch touches. ``needs`` is the fixture of a program that not every machine has; ``wheels`` are
    built where the pipeline is laid out. ``replays``: the failed task is run again with the patch before anybody sees it;
    not so where there is no task yet, or where a person has to say yes before anything of the patch is run.
    """

    name: str
    reason: str
    engine: str
    argv: Mapping[str, list[str]]
    process: str | None
    says: str
    tasks: Mapping[str, int]
    outputs: Mapping[str, str]
    heals: bool
    changes: list[str]
    answers: Mapping[str, str]
    wrong: Wrong
    needs: str | None = None
    replays: bool = True
    wheels: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def files(self) -> dict[str, str]:
        """The texts of the pipeline as its user has them, by their paths."""
        pipeline = self.folder / "pipeline"
        found = [path for path in sorted(pipeline.rglob("*")) if path.is_file()]
        return {path.relative_to(pipeline).as_posix(): path.read_text(encoding="utf-8") for path in found}

    def answers_of(self, patch: str) -> dict[str, str]:
        """What the scripted model says, by role: ``good`` or ``wrong``."""
        if patch == "good":
            return dict(self.answers)
        return {**self.answers, "coder": self.wrong.coder, "reviewer": self.wrong.reviewer}


def case(name: str) -> Case:
    """Read one; a key that is not known, or missing, is an error."""
    said: dict[str, Any] = YAML(typ="safe").load(HERE / name / "case.yaml")
    return Case(name=name, **said.pop("fails"), wrong=Wrong(**said.pop("wrong")), **said)


CASES = tuple(case(path.parent.name) for path in sorted(HERE.glob("*/case.yaml")))


def edits(reply: str, files: Mapping[str, str]) -> dict[str, str]:
    """The whole new text of each file that a coder's reply changes, as the chain reads it; ``files`` are those it saw.

    Raises ValueError where the chain would send the reply back.
    """
    read = parse(reply, [Source(path, text) for path, text in files.items()])
    if read.faults:
        raise ValueError("; ".join(map(str, read.faults)))
    return {edit.path: edit.text for edit in read.edits}


def wheel(folder: Path, *, name: str, version: str, module: str) -> None:
    """Write a wheel of one module, as pip reads it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": module,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            packed.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
