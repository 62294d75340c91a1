"""Failures that really happened, and successes that looked like one."""

import json
from pathlib import Path

import pytest

from heal.cases import Case, Citation
from heal.cli.folder import Desk
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import load
from heal.shipped import shipped
from heal.steps.diagnose import diagnose

HERE = Path(__file__).parent
INCIDENTS = sorted(path for path in (HERE / "incidents").iterdir() if path.is_dir())
HEALTHY = sorted(path for path in (HERE / "healthy").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def desk() -> Desk:
    library = load([shipped("patterns")])
    return Desk(library, Scanner(library))


def case_of(desk: Desk, folder: Path) -> Case:
    case = desk.case(str(folder))
    # the answer is no evidence
    return Case(
        case.engine,
        tuple(one for one in case.evidence if one.source != "expected.json"),
        exit_code=case.exit_code,
        scheduler_state=case.scheduler_state,
    )


@pytest.mark.parametrize("folder", INCIDENTS, ids=lambda path: path.name)
def test_the_cause_of_a_failure_is_named_with_the_line_that_proves_it(desk: Desk, folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))

    found = diagnose(case_of(desk, folder), desk.library)

    assert found.label is not None
    assert found.label.value == expected["label"]
    if "root" in expected:
        assert found.root == Citation(**expected["root"])


@pytest.mark.parametrize("folder", HEALTHY, ids=lambda path: path.name)
def test_a_success_stays_a_success_however_alarming_its_log(desk: Desk, folder: Path) -> None:
    found = diagnose(case_of(desk, folder), desk.library)

    assert (found.label, found.root) == (None, None)


def test_there_are_enough_of_both() -> None:
    assert len(INCIDENTS) >= 25
    assert len(HEALTHY) >= 8
