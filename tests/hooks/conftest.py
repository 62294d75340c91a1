"""A folder with programs of the user's, and shims before them on PATH."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from heal.engines.attach import attach

HOOKS = Path(__file__).resolve().parents[2] / "hooks"

# says what it was started as, on stdout as JSON
TELLS = """#!{python}
import json, os, sys
print(json.dumps({{"argv": sys.argv, "tty": os.isatty(0) and os.isatty(1), "path": os.environ["PATH"],
    "pythonpath": os.environ.get("PYTHONPATH"), "shim": os.environ.get("HEAL_SHIM")}}))
"""


def events(spool: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(spool.glob("[0-9]*.json"))]


@dataclass(frozen=True)
class Place:
    """Where a test's programs, spool and home are, and the environment of a command under heal."""

    home: Path
    spool: Path
    bin: Path
    env: Mapping[str, str]

    def program(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def run(self, *argv: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
        env = {**self.env, **more.pop("env", {})}
        return subprocess.run(argv, env=env, capture_output=True, check=False, timeout=60, **more)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    own = tmp_path / "user's programs" / "bin"
    own.mkdir(parents=True)
    spool = tmp_path / "state" / "spool"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEAL_", "SLURM_", "PYTHON"))}
    kept["PATH"] = os.pathsep.join([str(own), "/usr/bin", "/bin"])
    env = attach(tmp_path / "a folder", kept, spool=spool) | {"HEAL_RUN": "r1"}
    return Place(tmp_path / "home", spool, own, env)


@pytest.fixture
def snakemake(place: Place) -> Callable[[str], Path]:
    """Put a Snakemake of the user's there, with a logger interface of that version beside its Python."""

    def put(version: str) -> Path:
        package = f"lib/python3.11/site-packages/snakemake_interface_logger_plugins-{version}.dist-info"
        (place.bin.parent / package).mkdir(parents=True)
        python = place.bin / "python3"
        python.symlink_to(sys.executable)
        # the folder's name has a space: such a path is called by a shell from the second line
        first = f"/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''"
        return place.program("snakemake", TELLS.format(python=first))

    return put
