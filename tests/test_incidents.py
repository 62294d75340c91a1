"""Failures that really happened, and successes that looked like one."""

import json
from pathlib import Path

import pytest
from benchmarks.score import Answer, judged

from heal.cli.desk import Desk
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library, load
from heal.knowledge.roles import Role, role
from heal.shipped import shipped

# all cases are judged at once, by one worker
pytestmark = pytest.mark.xdist_group("incidents")

HERE = Path(__file__).parent
INCIDENTS = sorted(path.name for path in (HERE / "incidents").iterdir() if path.is_dir())
HEALTHY = sorted(path.name for path in (HERE / "healthy").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def library(cache: Path) -> Library:
    return load([shipped("patterns")], cache_dir=cache)


@pytest.fixture(scope="module")
def answers(cache: Path, library: Library) -> dict[str, Answer]:
    at = Desk(library, Scanner(library, cache))
    return {answer.name: answer for answer in judged(at, [HERE / "incidents", HERE / "healthy"])}


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_cause_of_a_failure_is_named_with_the_line_that_proves_it(answers: dict[str, Answer], name: str) -> None:
    answer = answers[name]

    # "not_yet" marks what heal is known to get wrong; where it learns better, the mark has to go: benchmarks/marks.py
    assert answer.wrong == answer.truth.get("not_yet"), (answer.found.label, answer.found.root)


@pytest.mark.parametrize("name", HEALTHY)
def test_a_success_stays_a_success_however_alarming_its_log(answers: dict[str, Answer], name: str) -> None:
    found = answers[name].found

    assert (found.label, found.root) == (None, None)


@pytest.mark.parametrize("name", HEALTHY)
def test_no_pattern_takes_for_trouble_what_a_success_says_besides(
    library: Library, answers: dict[str, Answer], name: str
) -> None:
    answer = answers[name]
    failures = {pattern.id for pattern in library.patterns if pattern.label}

    logs = [one for one in answer.case.evidence if role(one.source, one.text) is not Role.OTHER]
    hit = {hit.text.strip() for one in logs for hit in one.hits if hit.pattern in failures}

    # trouble that a job got over (a try that failed, a part it went on without) is said in the words of any other
    assert hit - set(answer.truth.get("survived", ())) == set()


def test_there_are_enough_of_both() -> None:
    assert len(INCIDENTS) >= 900
    assert len(HEALTHY) >= 110


def test_each_case_says_what_is_true_of_it() -> None:
    for folder in ("incidents", "healthy"):
        for path in (HERE / folder).glob("*/expected.json"):
            truth = json.loads(path.read_text(encoding="utf-8"))
            assert (folder == "healthy") == (truth["label"] is None), path
