"""Where the broken pipelines are laid out: each in a folder of its own, with the engine and the language it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.healing.material import Case
from tests.healing.place import Lay, Place


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
