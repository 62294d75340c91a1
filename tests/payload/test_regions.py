from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.payload.repositories import LOG, NEXTFLOW, SNAKEMAKE, Texts

from heal.payload.mentions import Mention, located, mentions
from heal.payload.regions import Pointers, Region, regions
from heal.payload.tree import MOST_BYTES, CommitTree, Content, FolderTree


def places(found: tuple[Region, ...]) -> list[tuple[str, int, int]]:
    return [(one.path, one.start, one.last) for one in found]


# --- what a log names --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "path", "number"),
    [
        ('  File "scripts/plot.py", line 12, in main', "scripts/plot.py", 12),
        ("scripts/run.sh: line 3: SAMPLE: unbound variable", "scripts/run.sh", 3),
        ("Error in eval(x) (from scripts/stats.R#41)", "scripts/stats.R", 41),
        ("Can't locate object at bin/fix.pl line 7.", "bin/fix.pl", 7),
        (" -- Check script 'modules/align.nf' at line: 9 or see the log", "modules/align.nf", 9),
        ('SyntaxError in file "rules/plot.smk", line 4:', "rules/plot.smk", 4),
        ("KeyError in rule plot in file /data/rnaseq/rules/plot.smk, line 5:", "/data/rnaseq/rules/plot.smk", 5),
        ("    (rule plot, line 2, /data/rnaseq/rules/plot.smk)", "/data/rnaseq/rules/plot.smk", 2),
        ("scripts/plot.py:33: DeprecationWarning", "scripts/plot.py", 33),
    ],
)
def test_a_place_is_read_from_what_a_language_prints(line: str, path: str, number: int):
    assert Mention(path, number) in mentions([line])


def test_a_place_is_found_in_the_repository_by_its_root_by_its_end_or_as_the_copy_that_snakemake_ran():
    paths = ["scripts/plot.py", "lib/plot.R", "a/x.py", "b/x.py", "workflow/rules/map.smk"]
    said = [
        Mention("/data/p/scripts/plot.py", 1),
        Mention("/else/where/scripts/plot.py", 2),
        Mention("/p/.snakemake/scripts/tmpk3a_2x9c.plot.py", 3),
        Mention("/c/x.py", 4),
        Mention("/c/b/x.py", 5),
        Mention("/usr/lib/python3/json.py", 6),
    ]
    assert list(located(said, paths, "/data/p")) == [
        Mention("scripts/plot.py", 1),
        Mention("scripts/plot.py", 2),
        Mention("scripts/plot.py", 3),
        Mention("b/x.py", 5),
    ]


# --- Snakemake ---------------------------------------------------------------------------------


def test_a_rule_brings_its_file_its_script_its_environment_and_the_main_files():
    # Given a trace in the copy of a script, and the rule that failed
    found = regions(Texts(SNAKEMAKE), Pointers("snakemake", "plot", telling=(LOG,)))
    # Then what it names comes first, then the rule and what that names; what all failures share comes last
    assert places(found.regions) == [
        ("scripts/plot.py", 1, 6),
        ("rules/plot.smk", 1, 5),
        ("envs/plot.yaml", 1, 2),
        ("Snakefile", 1, 12),
        ("config/config.yaml", 1, 2),
    ]
    # so small a pipeline is shown as a whole for whatever failed
    assert all(one.base for one in found.regions)
    assert found.regions[0].focus == (6, 6)
    assert [one.path for one in found.regions if one.told] == ["scripts/plot.py"]
    assert found.points == (
        "scripts/plot.py:6 (named where the cause is told)",
        "rules/plot.smk (defines plot)",
        "envs/plot.yaml (named by plot)",
        "scripts/plot.py (named by plot)",
    )
    assert found.notes == ()


def test_of_a_larger_pipeline_all_failures_are_shown_the_main_files_alone():
    more = {f"scripts/s{n}.py": "x = 1\n" * 100 for n in range(10)}
    found = regions(Texts(SNAKEMAKE | more), Pointers("snakemake", "plot"))
    assert [(one.path, one.base) for one in found.regions] == [
        ("rules/plot.smk", False),
        ("envs/plot.yaml", False),
        ("scripts/plot.py", False),
        ("Snakefile", True),
        ("config/config.yaml", True),
    ]


def test_the_setting_that_a_rule_uses_is_pointed_to():
    found = regions(Texts(SNAKEMAKE), Pointers("snakemake", "align"))
    assert found.points == ("Snakefile:7-12 (defines align)", "config/config.yaml (sets what the task uses)")


def test_of_a_long_file_the_rule_is_shown_and_not_the_rest():
    # Given a Snakefile of a thousand rules
    rules = "".join(
        f'rule r{n}:\n    output: "{n}"\n    shell:\n        """\n        touch {n}\n        """\n\n'
        for n in range(1000)
    )
    # When one is asked for
    found = regions(Texts({"Snakefile": rules}), Pointers("snakemake", "r500"))
    # Then it is shown with what stands next to it, and of the rest the head that all failures are shown
    assert places(found.regions) == [("Snakefile", 3496, 3508), ("Snakefile", 1, 80)]
    assert found.points == ("Snakefile:3501-3506 (defines r500)",)


def test_a_rule_is_found_through_inheritance_checkpoints_and_modules():
    files = {
        "Snakefile": "module other:\n    snakefile: 'other/Snakefile'\n\nuse rule * from other as other_*\n\nuse rule base as child with:\n    threads: 2\n\nrule base:\n    shell: 'true'\n",
        "other/Snakefile": "checkpoint split:\n    shell: 'true'\n",
    }
    child = regions(Texts(files), Pointers("snakemake", "child"))
    assert child.points == ("Snakefile:6-7 (defines child)", "Snakefile:9-10 (defines child)")
    split = regions(Texts(files), Pointers("snakemake", "other_split"))
    assert split.points == ("Snakefile:4 (defines other_split)", "other/Snakefile (defines other_split)")


# --- Nextflow ----------------------------------------------------------------------------------


def test_a_process_is_found_by_its_simple_name_and_under_the_name_it_is_included_by():
    found = regions(Texts(NEXTFLOW), Pointers("nextflow", "NF:SOMATIC:ALIGN_TUMOR"))
    assert found.points == (
        "modules/align.nf:1-11 (defines ALIGN_TUMOR)",
        "bin/align.sh (called by the task's command)",
        "nextflow.config (sets what the task uses)",
    )


# --- functions ---------------------------------------------------------------------------------

FILLER = "x = 1\n" * 300


@pytest.mark.parametrize(
    ("path", "text", "line", "expected"),
    [
        ("a.py", f"{FILLER}@cached\ndef f(x):\n    a = 1\n    return a\n\ny = 2\n", 303, (301, 304)),
        ("a.R", f"{FILLER}f <- function(x) {{\n  y <- 1\n  y\n}}\nz <- 2\n", 302, (301, 304)),
        ("a.sh", f"{FILLER}run() {{\n  echo '}}'\n  false\n}}\nrun\n", 303, (301, 304)),
        ("a.py", f"{FILLER}def broken(:\n{FILLER}", 300, (270, 330)),
    ],
)
def test_of_a_long_file_the_function_that_holds_the_line_is_shown(path, text, line, expected):
    found = regions(Texts({path: text}), Pointers(telling=(f"{path}:{line}: error",)))
    assert places(found.regions) == [(path, *expected)]


def test_regions_that_overlap_are_one_and_of_one_file_there_are_few():
    text = "x\n" * 2000
    said = tuple(f"a.txt.sh: line {n}: boom" for n in (100, 110, 500, 900, 1300, 1700))
    found = regions(Texts({"a.txt.sh": text}), Pointers(telling=said))
    assert places(found.regions) == [("a.txt.sh", 70, 140), ("a.txt.sh", 470, 530)]


# --- real folders ------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *named, *words], check=True, capture_output=True, env=os.environ | quiet)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A repository with a link out of it, a file of secrets, a large and a binary one, and results git ignores."""
    root = tmp_path / "pipeline"
    (root / "scripts").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "private.py").write_text("private = 1\n")
    (root / "Snakefile").write_text("rule a:\n    script: 'scripts/a.py'\n")
    (root / "scripts" / "a.py").write_text("print(1)\n")
    (root / "scripts" / "link.py").symlink_to(tmp_path / "outside" / "private.py")
    (root / "away").symlink_to(tmp_path / "outside")
    (root / ".env").write_text("TOKEN=abc\n")
    (root / "big.txt").write_text("x" * (MOST_BYTES + 1))
    (root / "bin.dat").write_bytes(b"\0\1\2")
    (root / "latin.R").write_bytes(b"# caf\xe9\n")
    (root / ".gitignore").write_text("results/\n")
    (root / "results").mkdir()
    (root / "results" / "made.txt").write_text("made\n")
    return root


def test_a_folder_is_read_as_git_knows_it_and_never_left(folder: Path):
    git(folder, "init", "-q")
    tree = FolderTree(folder)
    assert "scripts/a.py" in tree.paths()
    assert not any(path.startswith((".git/", "results/")) for path in tree.paths())
    notes = {
        path: tree.read(path).note for path in (".env", "big.txt", "bin.dat", "scripts/link.py", "away/private.py")
    }
    assert notes[".env"] == "made to hold secrets: not read"
    assert notes["big.txt"] == f"{MOST_BYTES + 1:,} bytes, too large: not read"
    assert notes["bin.dat"] == "binary: not read"
    assert notes["scripts/link.py"].startswith("not read: ")
    assert notes["away/private.py"].startswith("not read: ")
    assert tree.read("../outside/private.py") == Content(note="not read: not a path inside the repository")
    assert tree.read("/etc/passwd") == Content(note="not read: not a path inside the repository")
    assert tree.read("latin.R") == Content("# caf\ufffd\n")


def test_a_folder_without_git_is_walked_and_links_are_not_followed(folder: Path):
    found = FolderTree(folder).paths()
    assert "scripts/a.py" in found
    assert not any(path.startswith(("results/", "away/")) for path in found)


def test_a_commit_is_read_as_it_was(folder: Path):
    # Given a commit, and a file that changed after it
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    (folder / "scripts" / "a.py").write_text("print(2)\n")
    tree = CommitTree(folder, "HEAD")
    assert tree.read("scripts/a.py") == Content("print(1)\n")
    assert FolderTree(folder).read("scripts/a.py") == Content("print(2)\n")
    # a link is no file, and a folder of secrets stays closed
    assert tree.read("scripts/link.py") == Content(note="no regular file of the commit: not read")
    assert tree.read(".env") == Content(note="made to hold secrets: not read")
    assert tree.read("nothing") == Content(note="no regular file of the commit: not read")


def test_what_is_named_and_cannot_be_read_is_said(folder: Path):
    found = regions(FolderTree(folder), Pointers(telling=("scripts/link.py:1: boom", "scripts/a.py:1: boom")))
    assert places(found.regions) == [("scripts/a.py", 1, 1), ("Snakefile", 1, 2), ("latin.R", 1, 1)]
    assert [note.partition(": ")[0] for note in found.notes] == ["scripts/link.py"]
