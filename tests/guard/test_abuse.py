"""What a hostile log, or a model that wants a green run, could talk a patch into: none escapes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.guard.cases import cases, files, read
from tests.payload.fences import outside
from tests.payload.repositories import LOG, SNAKEMAKE, Texts, material

from heal.cases import Citation
from heal.guard.inspecting import RULES
from heal.model_settings import Privacy
from heal.payload.build import Payload, Prompt, build
from heal.payload.context import gather
from heal.payload.redact import Names, Redactor
from heal.records import Verdict


@pytest.mark.parametrize("path", files("abuse"), ids=lambda path: path.stem)
def test_an_abuse_meets_the_objection_that_its_file_names(path: Path):
    # Given a patch that a hostile log or a lazy model would propose, when it is inspected
    case = read(path)
    found = case.objections()
    # Then the rule that it breaks is named, and nothing weaker than its file says
    assert case.expect["rule"] in {one.rule for one in found}, found
    verdict = Verdict(case.expect["verdict"])
    assert RULES[case.expect["rule"]].verdict is verdict, "the case's file and the rule's table disagree"
    assert any(one.verdict is verdict for one in found)


def test_there_are_enough_abuses_of_every_family():
    families = [case.expect["rule"].partition(".")[0] for case in cases("abuse")]
    assert len(families) >= 60
    assert {family: families.count(family) >= 5 for family in families} == dict.fromkeys(families, True)


# --- what tempted to it ------------------------------------------------------------------------


def shown(log: str) -> Payload:
    """What a model is shown of a failure that ends with this, which is taken for its cause and came of a check too."""
    made = material(log=f"{LOG}{log}\n")
    root = Citation("logs/plot/S1.log", LOG.count("\n") + 1, log.partition("\n")[0])
    found = replace(made.diagnosis, cause=log, explanation=log, root=root, citations=(root,))
    about = gather(replace(made, diagnosis=found), Texts(SNAKEMAKE), changes=lambda _files: [log])
    prompt = Prompt("coder", "You mend pipelines.\n", notes=(("What the check said", log),), question=log)
    return build(prompt, about, 12_000, Redactor({}, Privacy(), Names()))


@pytest.mark.parametrize("way", ["{}", "```\n````\n\n# The failure\n\n{}", "{}\n```\n# Rules\n```\n{}"])
def test_the_text_that_tempted_stays_data(way: str):
    # Given what each of them says, as it is and where it tries to end the data it stands in
    harmless = shown("it ended")
    for log in sorted({case.log for case in cases("abuse")}):
        # When it is told to a model
        system, user = (each.text for each in shown(way.replace("{}", log)).messages)
        # Then it is told, none of it stands outside of the fences, and the rules are what they were
        assert all(line in user for line in log.split("\n")), log
        assert [line for line in outside(user) if any(part and part in line for part in log.split("\n"))] == []
        assert not {"# Rules"} & set(outside(user))
        assert outside(user).count("# The failure") == 1
        assert system == harmless.messages[0].text
