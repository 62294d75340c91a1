"""Pipelines that are launched from another folder: a clone of the user's own is patched, one that was fetched is not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.healing.material import case
from tests.healing.place import Lay, Place
from tests.healing.test_heals import model, told

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("healing nextflow")]

HEALED = case("nf-unset-variable")


class Outside:
    """A launch folder with settings of its own; the pipeline lies in the place's folder."""

    def __init__(self, place: Place, settings: str) -> None:
        self.place = place
        self.folder = place.work.parent / "launch"
        shutil.copytree(place.work / "data", self.folder / "data")
        (self.folder / "heal.toml").write_text(settings, encoding="utf-8")

    def heal(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["heal", *argv],
            cwd=self.folder,
            env=self.place.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    def incident(self) -> dict[str, Any]:
        [found] = self.place.incidents()
        return self.place.show(found["id"])


def git(folder: Path, *argv: str) -> str:
    return subprocess.run(["git", *argv], cwd=folder, capture_output=True, text=True, check=True).stdout


# Nextflow checks the revision out at each launch
BY_NEXTFLOW = {".git/HEAD", ".git/index", ".git/logs/HEAD", ".git/ORIG_HEAD", ".git/FETCH_HEAD"}


def contents(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if name not in BY_NEXTFLOW}


def test_a_clone_elsewhere_is_patched(lay: Lay, tmp_path: Path) -> None:
    with model(tmp_path / "model", HEALED.answers) as settings:
        place = lay(HEALED, heal=True)
        outside = Outside(place, settings)
        ended = outside.heal("run", "--", "nextflow", "run", "../work/main.nf")
        incident = outside.incident()
        assert (incident["state"], incident["fix"]["kind"]) == ("waiting", "patch"), (ended.stdout, told(incident))
        accepted = outside.heal("accept", incident["id"])
        assert outside.incident()["state"] == "healed", accepted.stdout
    assert place.git("diff", "--name-only", "HEAD^", "HEAD").split() == HEALED.changes
    assert not (outside.folder / ".git").exists()


def fetched(place: Place) -> Path:
    """The pipeline as Nextflow keeps it once it was pulled, and nothing of it elsewhere."""
    folder = place.work.parent / "nxf/assets/lab/pipe"
    folder.parent.mkdir(parents=True)
    place.git("remote", "add", "origin", "https://github.com/lab/pipe.git")
    place.git("tag", "v1")
    place.work.rename(folder)
    place.work.mkdir()
    return folder


def test_of_a_fetched_pipeline_the_patch_is_given_as_a_mail(lay: Lay, tmp_path: Path) -> None:
    with model(tmp_path / "model", HEALED.answers) as settings:
        place = lay(HEALED, heal=True)
        outside, folder = Outside(place, settings), fetched(place)
        before = contents(folder)
        ended = outside.heal("run", "--", "nextflow", "run", "lab/pipe", "-r", "v1")
        incident = outside.incident()
    # Then a person is told where the patch is, and the engine's folder is what it was
    [mail] = (outside.folder / ".heal/pulled").glob("lab+pipe-*/*.patch")
    assert (incident["state"], incident["fix"]["kind"]) == ("waiting", "advice"), (ended.stdout, told(incident))
    assert str(mail) in told(incident)["why"]
    assert contents(folder) == before
    # And a clone of theirs takes it
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(folder), str(clone))
    git(clone, "-c", "user.name=A", "-c", "user.email=a@lab.example", "am", "--quiet", "--keep-cr", str(mail))
    assert git(clone, "diff", "--name-only", "v1", "HEAD").split() == HEALED.changes
