"""heal hook: put in place, printed, taken away; twice is harmless and nothing of it stays behind."""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.place import Place
from tests.hooks.test_nextflow_attached import OTHER

from heal.shipped import NEXTFLOW_PLUGIN

ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.more = {"HEAL_SLURM__SITE_SPOOL": str(tmp_path / "site"), "SLURM_CONF": str(tmp_path / "slurm.conf")}
    made.more["NXF_PLUGINS_DIR"] = str(tmp_path / "plugins")
    return made


def below(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("latin-1") if path.is_file() else "a folder"
        for path in sorted(folder.rglob("*"))
    }


def said(place: Place, *words: str, code: int = 0) -> str:
    ran = place.tells("hook", *words)
    assert ran.returncode == code, ran
    return (ran.stderr if code else ran.stdout).decode()


@pytest.mark.parametrize("what", ["job", "snakemake", "nextflow"])
def test_a_users_hook_comes_and_goes(place: Place, what: str):
    # Given a home in which nothing was ever kept: printing changes nothing
    lines = said(place, "install", what, "--print")
    assert not place.home.exists()
    # When it is installed, twice
    first = said(place, "install", what)
    kept = below(place.home)
    assert said(place, "install", what) == first
    # Then its lines are those that were printed, and what they call is there
    assert below(place.home) == kept
    assert first.endswith(lines)
    named = [Path(word) for word in re.findall(rf"{re.escape(str(place.home))}[\w./-]*", first)]
    assert len(named) > 1
    assert [path for path in named if not path.exists()] == []
    assert f"{what:<9}  installed" in said(place, "list")
    # And taken away, twice, nothing of it is left
    said(place, "install", what, "--uninstall")
    said(place, "install", what, "--uninstall")
    assert below(place.home) == {"logs": "a folder", "spool": "a folder"}


def test_a_python_without_heal_finds_the_logger_by_its_line(place: Place):
    told = said(place, "install", "snakemake")
    [export] = [line for line in told.splitlines() if line.startswith("export ")]
    # -S: with nothing that is installed beside it
    look = "import importlib.util as u; print(u.find_spec('snakemake_logger_plugin_heal').origin)"
    words = [
        "bash",
        "-c",
        f'PYTHONPATH="/mine dir"; {export}; echo "$PYTHONPATH"; "$0" -S -c "$1"',
        sys.executable,
        look,
    ]
    ran = subprocess.run(words, env=place.env, capture_output=True, text=True, check=True)
    python = place.home / "hooks" / "snakemake" / "python"
    found = python / "snakemake_logger_plugin_heal" / "__init__.py"
    assert ran.stdout.splitlines() == [f"/mine dir:{python}", str(found)]


@pytest.mark.nextflow
def test_nextflows_plugin_is_put_where_nextflow_looks(place: Place, nextflow_plugin: Path, nextflow: Path):
    # Given a store with a plugin of somebody else's, and an older one of heal's
    store = Path(place.more["NXF_PLUGINS_DIR"])
    (store / "nf-other-1.0.0").mkdir(parents=True)
    (store / NEXTFLOW_PLUGIN / "classes").mkdir(parents=True)
    (store / NEXTFLOW_PLUGIN / "classes" / "old").write_text("old")
    assert "nextflow   changed" in said(place, "list")
    # When the hook is installed
    told = said(place, "install", "nextflow")
    # Then the plugin is there as it was built, and its line names it
    assert below(store / NEXTFLOW_PLUGIN) == below(nextflow_plugin / NEXTFLOW_PLUGIN)
    assert f"plugins {{ id '{NEXTFLOW_PLUGIN.replace('heal-', 'heal@')}' }}\n" in told
    assert sorted(path.name for path in store.iterdir()) == [NEXTFLOW_PLUGIN, "nf-other-1.0.0"]
    assert "nextflow   installed" in said(place, "list")
    # And with either line a real run is told of
    (export,) = [line for line in told.splitlines() if line.startswith("export NXF_OPTS=")]
    (place.work / "main.nf").write_text("workflow { }\n")
    (place.work / "plugged.config").write_text(f"plugins {{ id '{NEXTFLOW_PLUGIN.replace('heal-', 'heal@')}' }}\n")
    env = place.env | {"NXF_OFFLINE": "true", "NXF_HOME": str(store.parent / "nxf")}
    for words in (f"{nextflow} run main.nf -c plugged.config", f"{export}; {nextflow} run main.nf"):
        before = len(list((place.home / "spool").glob("*.json")))
        ran = subprocess.run(
            ["bash", "-c", words], cwd=place.work, env=env, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout
        kinds = [json.loads(path.read_text())["kind"] for path in sorted((place.home / "spool").glob("*.json"))]
        assert kinds[before:] == ["run_started", "run_finished"]
    # And taken away, nothing else goes
    said(place, "install", "nextflow", "--uninstall")
    assert sorted(path.name for path in store.iterdir()) == ["nf-other-1.0.0"]


@pytest.mark.nextflow
def test_in_a_block_that_is_there_heals_plugin_takes_no_others_place(
    place: Place, nextflow_plugin: Path, nextflow: Path
):
    # Given a pipeline with a plugin of its own
    store = Path(place.more["NXF_PLUGINS_DIR"])
    classes = store / "nf-other-9.9.9" / "classes" / "META-INF"
    classes.mkdir(parents=True)
    (classes / "MANIFEST.MF").write_text(OTHER)
    own = "id 'nf-other@9.9.9'"
    told = said(place, "install", "nextflow")
    [line] = [line for line in told.splitlines() if line.startswith("plugins {")]
    assert "of two blocks the last alone counts" in told
    heals = line.removeprefix("plugins { ").removesuffix(" }")
    loaded = {}
    for text in (f"plugins {{ {own}; {heals} }}", f"plugins {{ {own} }}\n{line}"):
        # When heal's line is put into its block as is said, or beside it
        (place.work / "main.nf").write_text("workflow { }\n")
        (place.work / "nextflow.config").write_text(f"{text}\n")
        env = place.env | {"NXF_OFFLINE": "true", "NXF_HOME": str(store.parent / "nxf")}
        subprocess.run([nextflow, "run", "main.nf"], cwd=place.work, env=env, capture_output=True, check=True)
        log = (place.work / ".nextflow.log").read_text()
        loaded[text] = re.findall(r"Start plugin '(nf-\w+)@", log)
    # Then both are loaded in the one case, and heal's alone in the other
    assert list(loaded.values()) == [["nf-other", "nf-heal"], ["nf-heal"]]


def test_a_file_that_was_changed_is_told_and_made_good(place: Place):
    said(place, "install", "job")
    script = place.home / "hooks" / "job" / "job.sh"
    script.write_text("echo mine\n")
    assert json.loads(said(place, "list", "--json"))["hooks"][0] == {
        "name": "job",
        "state": "changed",
        "where": str(script.parent),
    }
    assert "heal hook install puts it right" in place.tells("doctor").stdout.decode()
    said(place, "install", "job")
    assert "job        installed" in said(place, "list")


def test_what_is_no_hook_is_named(place: Place):
    assert said(place, "install", "cron", code=2) == (
        "heal: there is no hook 'cron': slurm, snakemake, nextflow or job\n"
    )
    assert "--edit-conf is SLURM's and Snakemake's, not those of job" in said(
        place, "install", "job", "--user", ME, code=2
    )


class Site:
    """A controller's host: a slurm.conf, and folders for scripts and spool."""

    def __init__(self, place: Place, folder: Path, conf: str) -> None:
        self.place, self.scripts, self.spool, self.conf = place, folder / "etc", folder / "site", folder / "slurm.conf"
        self.conf.write_text(conf)

    def install(self, *words: str, code: int = 0) -> str:
        return said(self.place, "install", "slurm", "--folder", str(self.scripts), *words, code=code)


@pytest.fixture
def site(place: Place, tmp_path: Path) -> Site:
    return Site(place, tmp_path, f"ClusterName=lab\nSlurmUser={ME}\n")


def test_slurms_hooks_come_and_go(site: Site):
    before = site.conf.read_text()
    # When they are installed with the lines, for a user, twice
    words = ("--user", ME, "--edit-conf", str(site.conf))
    assert "restarted" in site.install(*words)
    kept = (below(site.scripts), below(site.spool), site.conf.read_text())
    assert f"{site.conf} stays as it is" in site.install(*words)
    # Then all is there once, with a copy of the file as it was
    assert (below(site.scripts), below(site.spool), site.conf.read_text()) == kept
    assert site.conf.read_text().startswith(before)
    assert f"EpilogSlurmctld={site.scripts}/slurm_epilog.sh\n" in site.conf.read_text()
    assert [path.read_text() for path in site.conf.parent.glob("slurm.conf.heal-*")] == [before]
    assert str(site.spool) in (site.scripts / "slurm_ended.sh").read_text()
    assert ((site.spool / ME).stat().st_mode & 0o777, (site.spool / ".new").stat().st_mode & 0o777) == (0o700, 0o700)
    # And the user sees that there is a spool
    assert f"spool      read           {site.spool / ME}: 0 event(s) waiting" in said(site.place, "list")
    # When they are taken away
    site.install("--uninstall", *words)
    # Then everything is as it was
    assert (site.scripts.exists(), site.spool.exists(), site.conf.read_text()) == (False, False, before)


def test_printing_changes_nothing(site: Site):
    printed = site.install("--print")
    assert f"JobCompLoc={site.scripts}/slurm_jobcomp.sh\n" in printed
    assert f"{site.spool}/<user>/" in printed
    assert (site.scripts.exists(), site.spool.exists()) == (False, False)


def test_scripts_that_slurm_conf_names_are_not_taken_away(site: Site):
    site.install("--edit-conf", str(site.conf))
    assert "take the lines out first" in site.install("--uninstall", code=2)
    assert (site.scripts / "slurm_epilog.sh").exists()


def test_a_sites_own_epilog_stays_and_is_told_of(site: Site):
    site.conf.write_text(f"SlurmUser={ME}\nEpilogSlurmctld=/site/epilog.sh\n")
    told = site.install("--edit-conf", str(site.conf))
    assert f"{site.conf}:2 sets EpilogSlurmctld=/site/epilog.sh, which stays" in told
    assert site.conf.read_text().count("EpilogSlurmctld=") == 1
    assert "JobCompType=jobcomp/script\n" in site.conf.read_text()


def test_other_job_completion_stays_and_is_told_of(site: Site):
    site.conf.write_text(f"SlurmUser={ME}\nJobCompType=jobcomp/filetxt\nJobCompLoc=/var/log/jobcomp")
    told = site.install("--edit-conf", str(site.conf))
    assert told.count("which stays") == 2
    assert site.conf.read_text().count("JobComp") == 2
    site.install("--uninstall", "--edit-conf", str(site.conf))
    assert site.conf.read_text().endswith("JobCompLoc=/var/log/jobcomp")


def test_folders_of_users_stay_until_they_are_removed(site: Site):
    site.install("--user", ME)
    assert "holds the folders of" in site.install("--uninstall")
    assert (site.spool / ME).is_dir()
    site.install()
    assert f"removed {site.spool / ME}" in site.install("--uninstall", "--user", ME)
    assert (site.scripts / "slurm_epilog.sh").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--user", "no-such-user"), "there is no user 'no-such-user'"),
        (("--slurm-user", "no-such-user"), "there is no user 'no-such-user'"),
        (("--edit-conf", "/no/such/slurm.conf"), "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(site: Site, words: tuple[str, ...], told: str):
    assert told in site.install(*words, code=2)


def test_a_folder_that_holds_something_else_is_no_spool(site: Site):
    site.spool.mkdir()
    (site.spool / "precious").write_text("precious")
    assert "holds something else" in site.install(code=2)
    assert below(site.spool) == {"precious": "precious"}
    assert not site.scripts.exists()


@pytest.mark.parametrize("words", [(), ("--uninstall",)])
def test_a_script_of_the_sites_own_stays(site: Site, words: tuple[str, ...]):
    site.scripts.mkdir()
    (site.scripts / "slurm_epilog.sh").write_text("# the site's\n")
    assert "holds slurm_epilog.sh of somebody else's" in site.install(*words, code=2)
    assert below(site.scripts) == {"slurm_epilog.sh": "# the site's\n"}


def test_a_folder_in_what_is_no_spool_is_not_removed(site: Site):
    # Given a slip: the folder that holds everybody's home
    (site.spool / ME).mkdir(parents=True)
    (site.spool / ME / "thesis").write_text("precious")
    assert f"{site.spool} is no spool of heal's" in site.install("--uninstall", "--user", ME, code=2)
    assert (site.spool / ME / "thesis").read_text() == "precious"
