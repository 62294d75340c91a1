"""The wheel, installed where no checkout is: all that heal needs is in it, and a run is healed from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from tests.live.pipelines import GREEDY_HERE

from heal import shipped

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = Path(sysconfig.get_path("purelib"))
SOURCES = ("daemon", "snakemake_plugin", "patterns", "chains", "hooks", "hatch_build.py", "pyproject.toml")
SOURCES += ("README.md", "LICENSE", "CHANGELOG.md")
BUILT = Path("nf-plugin/target")

# one worker builds and installs for all
pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that no leftover of the checkout's gets in unseen."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    copied(source, [*SOURCES, *(f"{BUILT}/{name}" for name in plugin())])
    return built(source, out)


def plugin() -> list[str]:
    """What `make plugin` has made; empty where there is no Java."""
    made = [shipped.NEXTFLOW_PLUGIN, f"{shipped.NEXTFLOW_PLUGIN}.jar", f"{shipped.NEXTFLOW_PLUGIN}-agent.jar"]
    return [name for name in made if (ROOT / BUILT / name).exists()]


def copied(source: Path, names: list[str]) -> None:
    for name in names:
        here = ROOT / name
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if here.is_dir() else shutil.copy2
        copy(here, source / name)


def built(source: Path, out: Path) -> Path:
    argv = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    [made] = out.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel, finds what it depends on here, and knows nothing of the checkout."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=60)
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, str(wheel)], check=True, timeout=120, capture_output=True)
    [own] = venv.glob("lib/python3*/site-packages")
    # after its own packages; the lines of .pth files over there (the checkout's place) are not followed from here
    (own / "dependencies.pth").write_text(f"{PACKAGES}\n")
    snakemake = venv / "bin" / "snakemake"
    snakemake.write_text(f"#!{python}\nfrom snakemake.cli import main\nmain()\n")
    snakemake.chmod(0o755)
    return venv


class Installed:
    """The commands of that environment, in a folder of their own."""

    def __init__(self, venv: Path, folder: Path) -> None:
        self.venv, self.work, self.home, self.ran = venv, folder / "work", folder / "home", folder / "ran.log"
        self.work.mkdir()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HEAL_", "PYTHON", "PYTEST", "SLURM_", "VIRTUAL_ENV", "XDG_"))
        }
        path = f"{venv / 'bin'}:/usr/bin:/bin"
        self.env = kept | {"PATH": path, "HEAL_HOME": str(self.home), "RAN": str(self.ran), "HOME": str(folder)}

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv, cwd=self.work, env=self.env, capture_output=True, text=True, timeout=180, check=False
        )

    def python(self, program: str) -> str:
        ended = self.run(str(self.venv / "bin" / "python"), "-c", program)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()


@pytest.fixture
def installed(place: Path, tmp_path: Path) -> Installed:
    return Installed(place, tmp_path)


def below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_all_that_is_needed_is_in_it_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    logger = "snakemake_logger_plugin_heal"
    whole = [name for name in plugin() if (ROOT / BUILT / name).is_file()]
    wanted = (
        {f"heal/{name}" for name in below(ROOT / "daemon/heal")}
        | {f"heal/data/hooks/{name}" for name in below(ROOT / "hooks")}
        | {f"heal/data/patterns/{name}" for name in below(ROOT / "patterns")}
        | {f"heal/data/chains/{name}" for name in below(ROOT / "chains")}
        | {f"{logger}/{name}" for name in below(ROOT / "snakemake_plugin" / logger)}
        | {f"heal/data/nf-plugin/{name}" for name in whole}
        | {
            f"heal/data/nf-plugin/{shipped.NEXTFLOW_PLUGIN}/{name}"
            for name in below(ROOT / BUILT / shipped.NEXTFLOW_PLUGIN)
        }
    )
    assert {name for name in names if ".dist-info/" not in name} == wanted
    assert {"heal/py.typed", f"{logger}/py.typed", "heal/store/migrations/env.py", "heal/data/hooks/launch.py"} <= names
    assert {name.rpartition("dist-info/")[2] for name in names if ".dist-info/" in name} == {
        *("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }


@pytest.mark.nextflow
def test_the_nextflow_plugin_is_found_in_it(installed: Installed, nextflow_plugin: Path):
    found = Path(installed.python("from heal.shipped import nextflow_plugin; print(nextflow_plugin())"))
    assert found.is_relative_to(installed.venv)
    assert below(found / shipped.NEXTFLOW_PLUGIN) == below(nextflow_plugin / shipped.NEXTFLOW_PLUGIN)


def test_without_java_it_is_built_all_the_same_and_says_what_it_lacks(tmp_path: Path):
    # Given sources beside which no plugin was built
    copied(tmp_path / "source", list(SOURCES))
    # When a wheel is made of them
    with zipfile.ZipFile(built(tmp_path / "source", tmp_path / "dist")) as archive:
        archive.extractall(tmp_path / "there")
    # Then it has no plugin, heal names it, and its hook says so before what can be had without
    ask = """
from pathlib import Path
from heal import errors, shipped
from heal.home import hooks
try: shipped.nextflow_plugin()
except errors.HealError as error: print(error)
print(hooks.lines(Path("/home"), "nextflow"))
"""
    path = os.pathsep.join([str(tmp_path / "there"), str(PACKAGES)])
    env = os.environ | {"PYTHONPATH": path}
    said = subprocess.run(
        [sys.executable, "-c", ask], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("this heal was built without its Nextflow plugin: nf-heal-")
    told = said.stdout.splitlines()[1:]
    assert told[0].startswith("# Without the plugin, ")
    assert "`make plugin`" in told[0]
    assert told[2].startswith("# Nextflow before 25.04")


def test_it_is_imported_from_where_it_was_installed(installed: Installed):
    import_both = "import heal, snakemake_logger_plugin_heal as p; print(heal.__file__); print(p.__file__)"
    found = installed.python(import_both).splitlines()
    assert [Path(path).is_relative_to(installed.venv) for path in found] == [True, True]
    assert str(ROOT / "daemon") not in installed.python("import sys; print('\\n'.join(sys.path))").splitlines()


def test_it_tells_its_version(installed: Installed):
    version = installed.python("import importlib.metadata as m; print(m.version('heal-hpc'))")
    assert installed.run("heal", "--version").stdout == f"heal {version}\n"


def test_it_names_a_cause(installed: Installed):
    (installed.work / "job.log").write_text("loading\nslurmstepd: error: Exceeded job memory limit\n")
    ended = installed.run("heal", "diagnose", "--json", "job.log")
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["label"], found["root"]["line"]) == ("out_of_memory", 2)


def test_it_makes_its_store_and_reads_it(installed: Installed):
    # Given a home that nothing was ever kept in
    assert installed.run("heal", "status", "--json").stdout == '{"incidents": [], "warnings": [], "unanswered": []}\n'
    # When heal works there for the first time
    assert installed.run("heal", "tick").returncode == 0
    # Then the store is there, made by the migrations that came along
    assert (installed.home / "heal.db").is_file()
    assert installed.run("heal", "status").stdout == "no incidents\n"


@pytest.mark.snakemake
def test_snakemake_finds_the_logger_plugin(installed: Installed):
    ended = installed.run("snakemake", "--help")
    assert ended.returncode == 0, ended.stderr
    assert "heal" in ended.stdout.partition("--logger ")[2][:400]


@pytest.mark.snakemake
def test_it_heals_a_run(installed: Installed):
    # Given a pipeline whose second task has too little memory
    (installed.work / "Snakefile").write_text(GREEDY_HERE)
    # When it runs under the installed heal
    ended = installed.run("heal", "run", "--", "snakemake", "--cores=1")
    # Then it comes home: the failed task ran twice, the others once
    assert ended.returncode == 0, ended.stderr
    assert installed.ran.read_text().split() == ["before", "greedy", "greedy", "report"]
    [incident] = json.loads(installed.run("heal", "status", "--json").stdout)["incidents"]
    assert (incident["state"], incident["label"], incident["process"]) == ("healed", "out_of_memory", "greedy")
