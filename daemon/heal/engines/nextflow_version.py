"""Which version a Nextflow program is, without starting its Java where its text says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from heal.proving.asking import asked

# the stock launcher's own line: NXF_VER=${NXF_VER:-'25.04.4'}
_TEXT = re.compile(rb"^NXF_VER=\$\{NXF_VER:-'?(\d+\.\d+\.\d+[\w.-]*?)'?\}", re.MULTILINE)
_SAID = re.compile(r"version (\d+\.\d+\.\d+\S*)")
_GIVEN = re.compile(r"\d+\.\d+\.\d+\S*")
_HEAD_BYTES = 64 * 1024
_PATIENCE_S = 30.0


def version_of(program: Path, env: Mapping[str, str]) -> str | None:
    """The version that would run; None where it is not told. A program whose text does not say it is asked.

    The stock launcher is never started: it would download the version that it does not find.
    """
    try:
        with program.open("rb") as file:
            found = _TEXT.search(file.read(_HEAD_BYTES))
    except OSError:
        return None
    if found:
        given = env.get("NXF_VER") or found[1].decode()
        return given if _GIVEN.fullmatch(given) else None
    said = _SAID.search(asked([str(program), "-version"], Path.cwd(), env, _PATIENCE_S).text)
    return said[1] if said else None
