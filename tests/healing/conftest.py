"""Where the broken pipelines are laid out: each in a folder of its own, with the engine and the language it needs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.healing.material import HERE, Case
from tests.healing.place import Lay, Place


@pytest.fixture(scope="session")
def rscript() -> str:
    """The program that runs R scripts: without one the test is skipped at home and fails where CI=true."""
    answer = subprocess.run(["bash", HERE / "get_r.sh"], capture_output=True, text=True, timeout=600, check=False)
    if answer.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"no R, and CI must have one: {answer.stderr}")
    if answer.returncode:
        pytest.skip(f"no R here: {answer.stderr}")
    return answer.stdout.strip()


@pytest.fixture
def lay(request: pytest.FixtureRequest, tmp_path: Path) -> Lay:
    """Pipelines laid out in the test's folder; skipped at home, and failed with CI=true, where one cannot run."""

    def laid(case: Case, *, heal: bool = False, settings: str = "") -> Place:
        if case.needs:
            request.getfixturevalue(case.needs)
        if case.engine == "snakemake":
            return Place(tmp_path, case, settings=settings)
        if heal:
            request.getfixturevalue("nextflow_plugin")
        return Place(tmp_path, case, nextflow=request.getfixturevalue("nextflow"), settings=settings)

    return laid
