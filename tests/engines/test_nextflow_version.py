"""The version of a Nextflow, by its text or by asking."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heal.engines.nextflow_version import version_of

# as in the launchers of 24.04 and 25.04; it says so where it is started
STOCK = """#!/usr/bin/env bash
[[ "$NXF_DEBUG" == 'x' ]] && set -x
NXF_VER=${NXF_VER:-'VERSION'}
NXF_ORG=${NXF_ORG:-'nextflow-io'}
echo started > "$STARTED"
"""


def program(folder: Path, text: str) -> Path:
    path = folder / "nextflow"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "env", "expected"),
    [
        ("25.04.4", {}, "25.04.4"),
        ("24.04.1", {"NXF_VER": "25.10.0"}, "25.10.0"),
        ("25.05.0-edge", {}, "25.05.0-edge"),
        ("25.04.4", {"NXF_VER": "latest"}, None),
    ],
)
def test_the_stock_launcher_is_read_and_not_started(
    tmp_path: Path, text: str, env: dict[str, str], expected: str | None
) -> None:
    path = program(tmp_path, STOCK.replace("VERSION", text))
    assert version_of(path, {**os.environ, **env, "STARTED": str(tmp_path / "started")}) == expected
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(("said", "expected"), [("  version 24.10.5 build 5935", "24.10.5"), ("nothing", None)])
def test_another_is_asked(tmp_path: Path, said: str, expected: str | None) -> None:
    path = program(tmp_path, f'#!/bin/sh\n[ "$*" = -version ] && echo "{said}"\n')
    assert version_of(path, os.environ) == expected


def test_what_cannot_be_started_tells_nothing(tmp_path: Path) -> None:
    assert version_of(tmp_path / "gone", {}) is None


@pytest.mark.nextflow
def test_a_real_one_tells_its_own(nextflow: Path, tmp_path: Path) -> None:
    assert version_of(nextflow, {**os.environ, "NXF_HOME": str(tmp_path)}) == "25.04.4"
