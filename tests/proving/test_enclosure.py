"""What can be written, seen and reached from within an enclosure."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest
from tests.proving import conftest
from tests.proving.pipelines import Project

from heal.errors import NotReplayable
from heal.proving.enclosure import Enclosure, enclosure
from heal.proving.ground import Ground, laid
from heal.proving.replay import needs_more

bubblewrap = conftest.bubblewrap


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.of(
        tmp_path / "project", {"a.sh": "old\n", "gone.sh": "x\n"}, {"data/in.txt": "in\n", "out/x.txt": "x\n"}
    )


def ground(project: Project, folder: Path, found: Enclosure | None, *makes: str) -> Ground:
    folder.mkdir()
    draft = project.draft(**{"a.sh": "new\n", "gone.sh": None, "more/b.sh": "b\n"})
    return laid(folder, draft, project.folder, [project.folder / name for name in makes], found)


def sh(laid_out: Ground, project: Project, command: str) -> tuple[int, str]:
    words = laid_out.words(("sh", "-c", command), str(project.folder), os.environ["PATH"])
    answer = subprocess.run(words, cwd=laid_out.cwd(str(project.folder)), capture_output=True, text=True, check=False)
    return answer.returncode, (answer.stdout + answer.stderr).strip()


def test_the_changed_state_stands_in_the_place_of_the_folder(project: Project, tmp_path: Path, bubblewrap: Enclosure):
    before = project.fingerprint()
    here = ground(project, tmp_path / "g", bubblewrap, "out/x.txt")
    # Then names in full find what is changed, what is not, and not what is to be made
    said = sh(here, project, f"cd /; cat {project.folder}/a.sh {project.folder}/data/in.txt {project.folder}/more/b.sh")
    assert said == (0, "new\nin\nb")
    assert sh(here, project, f"ls {project.folder}/out/x.txt {project.folder}/gone.sh")[0] != 0
    # and what is written there is found outside, beside the folder
    assert sh(here, project, f"echo made > {project.folder}/out/x.txt")[0] == 0
    assert here.outside(project.folder / "out/x.txt").read_text(encoding="utf-8") == "made\n"
    assert project.fingerprint() == before


@pytest.mark.parametrize(
    "command",
    [
        "echo x >> data/in.txt",
        "echo x > $HOME/.heal-test",
        "touch /usr/local/x",
        "echo x >> /tmp/heal-seen/0/data/in.txt",
        "rm /tmp/heal-seen/0/data/in.txt",
    ],
)
def test_nothing_else_can_be_written(project: Project, tmp_path: Path, bubblewrap: Enclosure, command: str):
    before = project.fingerprint()
    code, said = sh(ground(project, tmp_path / "g", bubblewrap), project, command)
    assert (code != 0, "Read-only file system" in said) == (True, True)
    assert project.fingerprint() == before


def test_temporary_folders_are_its_own(project: Project, tmp_path: Path, bubblewrap: Enclosure):
    here = ground(project, tmp_path / "g", bubblewrap)
    assert sh(here, project, "echo x > /tmp/heal-own && echo y > /dev/shm/heal-own && cat /tmp/heal-own") == (0, "x")
    assert (here.own / "heal-own").read_text(encoding="utf-8") == "x\n"
    assert not Path("/tmp/heal-own").exists()
    assert not Path("/dev/shm/heal-own").exists()


def test_nobody_can_be_asked_to_act_outside(project: Project, tmp_path: Path, bubblewrap: Enclosure):
    # munge stands for SLURM, and a socket in /run for whoever listens to one
    assert (
        sh(ground(project, tmp_path / "g", bubblewrap), project, "ls /run/munge /run/docker.sock 2>/dev/null")[1] == ""
    )


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
@pytest.mark.parametrize("command", ["scontrol show config", "squeue", "srun true"])
def test_who_asks_slurm_is_told_at_once_that_there_is_none(
    project: Project, tmp_path: Path, bubblewrap: Enclosure, command: str
):
    # without a network SLURM's own programs would wait for ten seconds and more
    code, said = sh(ground(project, tmp_path / "g", bubblewrap), project, f"timeout 8 {command}")
    assert (code, needs_more(said) != "") == (1, True), said


def test_keys_to_other_machines_are_not_seen(
    project: Project, tmp_path: Path, bubblewrap: Enclosure, monkeypatch: pytest.MonkeyPatch
):
    # Given a home folder with a key in it, which lies in no temporary folder
    home = Path.home() / ".cache" / "heal-tests" / f"home-{uuid.uuid4().hex}"
    (home / ".ssh").mkdir(parents=True)
    for name in (".ssh/id_ed25519", "plain"):
        (home / name).write_text("x\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    try:
        assert sh(ground(project, tmp_path / "g", bubblewrap), project, "cd ~; ls .ssh plain") == (0, "plain\n\n.ssh:")
    finally:
        shutil.rmtree(home)


def test_a_folder_of_results_on_another_file_system_is_shadowed_too(
    project: Project, tmp_path: Path, bubblewrap: Enclosure
):
    # Given results that lie elsewhere, behind a link
    elsewhere = tmp_path / "scratch" / "results"
    elsewhere.mkdir(parents=True)
    (elsewhere / "old.txt").write_text("old\n", encoding="utf-8")
    (project.folder / "results").symlink_to(elsewhere)
    here = ground(project, tmp_path / "g", bubblewrap, "results/new.txt")
    assert sh(here, project, "cat results/old.txt; echo new > results/new.txt") == (0, "old")
    assert here.outside(project.folder / "results/new.txt").read_text(encoding="utf-8") == "new\n"
    assert [path.name for path in elsewhere.iterdir()] == ["old.txt"]


def test_without_one_only_what_lies_in_the_folder_can_be_made(project: Project, tmp_path: Path):
    with pytest.raises(NotReplayable, match="it cannot be made aside"):
        ground(project, tmp_path / "g", None, "../elsewhere.txt")


def test_a_machine_without_bubblewrap_has_none(tmp_path: Path):
    assert enclosure({"PATH": str(tmp_path)}) is None
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    assert enclosure({"PATH": str(tmp_path)}) is None
