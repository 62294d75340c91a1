"""A failed job of a real Snakemake run again with the software that its rule names: what is there is used, and kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.proving.pipelines import Project, environment

from heal.engines.snakemake_replay import SnakemakeReplay
from heal.patch import Trial
from heal.proving.enclosure import Enclosure
from heal.proving.here import Here
from heal.proving.replay import Replay

# one pipeline for all of them, made once
pytestmark = [pytest.mark.snakemake, pytest.mark.xdist_group("software")]

IMAGE = "docker://lab/columns:1"
SNAKEFILE = f"""
rule table:
    input: "data.txt"
    output: "table.tsv"
    conda: "envs/columns.yaml"
    container: "{IMAGE}"
    envmodules: "columns/1"
    shell: "sh scripts/table.sh {{input}} {{output}}"
"""
# columns is a program that is only there where the software is
BROKEN = 'colums < "$1" > "$2"\n'
GOOD = 'columns < "$1" > "$2"\n'
SPEC = "dependencies: [columns=3]\n"

# they make and find software as the real ones do; what would be fetched is not there once the site is offline
CONDA = """#!/bin/bash
case $* in
--version) echo conda 25.1.0 ;;
"info --json") echo '{"conda_prefix": "SITE", "platform": "linux-64"}' ;;
clean*) ;;
"config --get"*) echo '{"get": {"channel_priority": "strict"}}' ;;
"env create"*)
    [ ! -e SITE/offline ] || { echo CondaHTTPError: HTTP 000 CONNECTION FAILED; exit 1; }
    while [ $# -gt 0 ]; do
        case $1 in --file) spec=$2 ;; --prefix) prefix=$2 ;; esac
        shift
    done
    mkdir -p "$prefix/bin"
    count=$(sed -n 's/.*columns=\\([0-9]*\\).*/\\1/p' "$spec")
    printf '#!/bin/sh\\nseq -s "\\t" %s\\n' "$count" > "$prefix/bin/columns"
    chmod +x "$prefix/bin/columns" ;;
*) exit 2 ;;
esac
"""
ACTIVATE = 'PATH="$1/bin:$PATH"\n'
APPTAINER = """#!/bin/bash
case $1 in
--version) echo apptainer version 1.3.0; exit ;;
exec) ;;
*) echo 'FATAL: no network'; exit 255 ;;
esac
while [[ $1 != *.simg ]]; do shift; done
[ "$(cat "$1")" = columns ] || exit 255
shift
PATH="SITE/image:$PATH" "$@"
"""
MODULE = '() { [ "$1" != load ] || PATH="SITE/modules/$2:$PATH"; }'
THREE = '#!/bin/sh\nseq -s "\t" 3\n'

# Environment Modules, as its package installs it
INIT = Path("/usr/share/modules/init/bash")
MODULEFILE = "#%Module1.0\nprepend-path PATH {folder}\n"
FOUR = '#!/bin/sh\nseq -s "\t" 4\n'


class Site:
    """Stand-ins for a site's conda, apptainer and module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._has("bin/conda", CONDA)
        self._has("bin/activate", ACTIVATE)
        self._has("bin/apptainer", APPTAINER)
        self._has("image/columns", THREE)
        self._has("modules/columns/1/columns", THREE)

    def env(self, env: Mapping[str, str]) -> dict[str, str]:
        module = {"BASH_FUNC_module%%": self._here(MODULE)}
        return {**env, **module, "PATH": f"{self.folder}/bin:{env['PATH']}"}

    def is_offline(self, offline: bool) -> None:
        path = self.folder / "offline"
        path.touch() if offline else path.unlink(missing_ok=True)

    def _has(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(text), encoding="utf-8")
        path.chmod(0o755)

    def _here(self, text: str) -> str:
        return text.replace("SITE", str(self.folder))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("software") / "site")


@pytest.fixture(scope="module")
def project(site: Site) -> Project:
    """A pipeline whose only task failed for real in its conda environment, and whose image was fetched once."""
    tracked = {"Snakefile": SNAKEFILE, "scripts/table.sh": BROKEN, "envs/columns.yaml": SPEC}
    made = Project.of(site.folder.parent / "project", tracked, {"data.txt": "1\n"})
    image = hashlib.md5(IMAGE.encode(), usedforsecurity=False).hexdigest()
    made.write(f".snakemake/singularity/{image}.simg", "columns")
    words = ("snakemake", "--cores", "1", "--sdm", "conda")
    ended = subprocess.run(
        words, cwd=made.folder, env=site.env(environment()), capture_output=True, text=True, check=False
    )
    assert "colums: not found" in ended.stderr, ended.stderr
    return made


@pytest.fixture
def replayed(site: Site, project: Project, bubblewrap: Enclosure) -> Callable[..., Trial]:
    """Run the task again with the script put right and a new text of its environment."""

    def tried(
        method: str = "conda",
        *,
        offline: bool,
        enclosed: bool = True,
        spec: str = SPEC,
        env: Mapping[str, str] | None = None,
    ) -> Trial:
        site.is_offline(offline)
        run = project.run("snakemake", "--cores", "1", "--sdm", method)
        failed = project.failed(run, "table", given=("data.txt",), makes=("table.tsv",))
        before = project.fingerprint()
        staging = SnakemakeReplay(lambda _env: bubblewrap if enclosed else None)
        replay = Replay({"snakemake": staging}, {"local": Here()}, minutes=5)
        draft = project.draft(**{"scripts/table.sh": GOOD, "envs/columns.yaml": spec})
        trial = replay.tried(draft, replace(failed, env=env or site.env(failed.env)))
        # whatever comes of it, nothing of the user's has moved, his environments and images neither
        assert project.fingerprint() == before
        return trial

    return tried


@pytest.mark.parametrize("method", ["conda", "apptainer", "env-modules"])
def test_software_that_is_there_is_used(replayed: Callable[..., Trial], method: str):
    trial = replayed(method, offline=True)
    assert (trial.passed, "made table.tsv (6 bytes)" in trial.said) == (True, True), trial.said


@pytest.fixture
def modules(project: Project) -> dict[str, str]:
    """The environment of somebody who has a real ``module``, and a module of their own beside their pipeline."""
    if not INIT.is_file() and os.environ.get("CI") == "true":
        pytest.fail("no Environment Modules, and CI must have them: apt-get install environment-modules")
    if not INIT.is_file():
        pytest.skip("no Environment Modules here")
    own = project.folder / "software"
    project.write("software/modulefiles/columns/1", MODULEFILE.format(folder=own / "columns-1"))
    project.write("software/columns-1/columns", FOUR).chmod(0o755)
    words = ("bash", "-c", f". {INIT} && module use {own}/modulefiles && env --null")
    said = subprocess.run(words, env=environment(), capture_output=True, text=True, check=True).stdout
    return dict(row.split("=", 1) for row in said.split("\0") if row)


def test_a_real_module_is_loaded_for_the_task(replayed: Callable[..., Trial], modules: dict[str, str]):
    # Given a task for which nothing was loaded before: Snakemake loads what its rule names
    assert modules["LOADEDMODULES"] == ""
    trial = replayed("env-modules", offline=True, env=modules)
    assert (trial.passed, "made table.tsv (8 bytes)" in trial.said) == (True, True), trial.said


def test_an_environment_that_the_change_asks_for_is_made_in_the_replays_folder(replayed: Callable[..., Trial]):
    trial = replayed(offline=False, spec=SPEC.replace("3", "5"))
    assert (trial.passed, "made table.tsv (10 bytes)" in trial.said) == (True, True), trial.said


@pytest.mark.parametrize(
    ("enclosed", "spec"),
    # without bubblewrap it is in another folder, and Snakemake names environments by that, too
    [(True, SPEC.replace("3", "5")), (False, SPEC)],
    ids=["another", "elsewhere"],
)
def test_an_environment_that_cannot_be_made_says_nothing_of_the_change(
    replayed: Callable[..., Trial], enclosed: bool, spec: str
):
    trial = replayed(offline=True, enclosed=enclosed, spec=spec)
    assert (trial.passed, "it ended before the task began" in trial.said) == (None, True), trial.said
    assert "Could not create conda environment" in trial.said
