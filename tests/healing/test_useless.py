"""A patch of another file than the one at fault: it does no harm, nobody objects to it, and it heals nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.healing.material import case
from tests.healing.place import Lay
from tests.healing.test_heals import model, told

pytestmark = pytest.mark.xdist_group("healing wrong")

FINE = '{"root": true, "hides": false, "more_than_asked": false, "why": "it is fine"}'


@pytest.mark.parametrize(
    ("name", "path", "old", "new", "by", "still"),
    [
        pytest.param(
            "numpy-removed-api",
            *("Snakefile", "plate={wildcards.plate} ", "plate={wildcards.plate:q} "),
            *("replay", "AttributeError: module 'numpy' has no attribute 'float'"),
            marks=pytest.mark.snakemake,
        ),
        pytest.param(
            "snakefile-syntax",
            *("rules/words.smk", "sort -u > {output}", "sort -u > {output:q}"),
            *("dry run", "it fails with the change as it did without"),
            marks=pytest.mark.snakemake,
        ),
        pytest.param(
            "nf-syntax-error",
            *("nextflow.config", "time = '5m'", "time = '6m'"),
            *("engine", "it fails with the change as it did without"),
            marks=pytest.mark.nextflow,
        ),
    ],
)
def test_an_edit_elsewhere_that_does_not_help_is_refused(  # noqa: PLR0917
    name: str, path: str, old: str, new: str, by: str, still: str, lay: Lay, tmp_path: Path
) -> None:
    # Given a model that changes a file which it was shown and which is not at fault, and one that calls it fine
    failing = case(name)
    reply = f"FILE {path}\n```\n{failing.files[path].replace(old, new)}```\n"
    with model(tmp_path / "model", {**failing.answers, "coder": reply, "reviewer": FINE}) as settings:
        place = lay(failing, heal=True, settings=settings)
        before = (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain"))
        # When it runs
        story = place.under_heal()
    [incident] = story.incidents
    said = told(incident)
    # Then nobody objects, and it is refused by what is tried last, for it fails as it did
    assert (said["objections"], said["draft"], incident["fix"]["kind"]) == ([], None, "advice"), said
    last = said["trials"][-1]
    assert ([last["name"], last["passed"], still in last["said"]], still in said["why"]) == ([by, False, True], True)
    assert all(trial["passed"] is not False for trial in said["trials"][:-1])
    # And nothing was changed
    assert (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain")) == before
    assert place.git("branch", "--list", "heal/*") == ""
