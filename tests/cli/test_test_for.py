"""heal test-for: a test that fails before a failure is mended and passes after, on real pipelines."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from tests.advice.asked import tells
from tests.cli.place import Place

# a bug in a script, in the second of three rules; the configuration, a helper and a folder of logs belong to it
SNAKEFILE = """
configfile: "config/config.yaml"

rule all:
    input: "report/S1.txt"

rule raw:
    output: "data/{s}.csv"
    shell: "echo raw >> $RAN; printf '1\\n2\\n' > {output}"

rule total:
    input: "data/{s}.csv", "ref/large.bin"
    output: "sums/{s}.txt"
    log: "logs/{s}.log"
    params: column=config["column"]
    shell: "echo total >> $RAN; python3 scripts/total.py {input[0]} {params.column} > {output} 2> {log}"

rule report:
    input: "sums/{s}.txt"
    output: "report/{s}.txt"
    shell: "cp {input} {output}"
"""
ASKED = "what else would break this?"
BROKEN = "import sys\nprint(sum(int(line) for line in open(sys.argv[1])) + coulmn)\n"
MENDED = "import sys\nprint(sum(int(line) for line in open(sys.argv[1])))\n"


@pytest.fixture
def failed(place: Place) -> Place:
    """A pipeline that failed under heal, with one incident."""
    place.file("Snakefile", SNAKEFILE)
    place.file("config/config.yaml", "column: 0\n")
    place.file("scripts/total.py", BROKEN)
    place.file("ref/large.bin", "x" * 1_500_000)
    assert place.tells("run", "--", "snakemake", "--cores=1").returncode != 0
    return place


def pytest_says(place: Place, file: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(place.work), file]
    return place.run(*words)


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files that are not engines' own, with their contents."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in paths
        if not any(part.startswith((".", "__pycache__")) for part in path.relative_to(folder).parts)
    }


@pytest.mark.snakemake
def test_it_fails_before_the_failure_is_mended_and_passes_after(failed: Place):
    [incident] = failed.incidents()
    # When a test is written for it
    ended = tells(failed, "test-for", incident["id"], "--write", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    made = json.loads(ended.stdout)
    file = f"tests/test_heal_total_{incident['id']}.py"
    assert ([one["path"] for one in made["files"]], made["command"]) == ([file], f"pytest {file}")
    # Then it keeps the small input, and names the large one
    assert made["inputs"] == [
        {
            "path": str(failed.work / "data/S1.csv"),
            "kept": f"tests/heal_{incident['id']}/data/S1.csv",
            "bytes": 4,
            "sha256": sha256(b"1\n2\n").hexdigest(),
        },
        {"path": "ref/large.bin", "kept": None, "why": "too large to keep (1.5 MB)"},
    ]
    # and fails, of the bug, without touching the project
    (failed.work / "data/S1.csv").write_text("other numbers\n")
    before = snapshot(failed.work)
    first = pytest_says(failed, file)
    assert first.returncode == 1
    assert "1 failed" in first.stdout
    assert "Error in rule total" in first.stdout
    assert snapshot(failed.work) == before
    # When the bug is mended, the recorded input suffices
    failed.file("scripts/total.py", MENDED)
    second = pytest_says(failed, file)
    assert second.returncode == 0, second.stdout
    assert "1 passed" in second.stdout
    # and no other rule has run
    assert failed.times_run() == {"raw": 1, "total": 3}


@pytest.mark.snakemake
def test_it_is_printed_unless_it_is_to_be_written_and_writes_over_nothing(failed: Place):
    [incident] = failed.incidents()
    before = snapshot(failed.work)
    ended = tells(failed, "test-for", incident["id"])
    said = ended.stderr.splitlines()
    assert ended.returncode == 0
    compile(ended.stdout, "test", "exec")
    assert ended.stdout.splitlines()[0] == '"""total (s=S1)'
    assert said[-2:] == [
        "heal test-for --write puts it there; no file of yours is changed",
        f'with a model ([model] in heal.toml): heal ask "{ASKED}" {incident["id"]} reads the code that failed',
    ]
    assert f"would be: {failed.work}/tests/test_heal_total_{incident['id']}.py" in said
    assert snapshot(failed.work) == before
    # a file of that name is somebody's
    own = failed.file(f"tests/test_heal_total_{incident['id']}.py", "mine\n")
    again = tells(failed, "test-for", incident["id"], "--write")
    assert (again.returncode, again.stdout, own.read_text()) == (2, "", "mine\n")
    assert "is there already" in again.stderr
    assert not (failed.work / f"tests/heal_{incident['id']}").exists()


@pytest.mark.snakemake
@pytest.mark.parametrize(
    ("words", "value", "given"),
    [
        ((), "[one, two]", ["--profile", "one", "--profile", "two", "--executor", "local"]),
        (("--profile=two", "--profile", "one"), "", ["--profile", "two", "--profile", "one", "--executor", "local"]),
        (("--profile", "none"), "one", ["--profile", "none"]),
    ],
)
def test_the_profiles_of_the_launch_hold_for_the_test(
    place: Place, words: tuple[str, ...], value: str, given: list[str]
):
    # Given a task that failed in a launch with profiles, named in words or in the environment
    place.file("Snakefile", 'rule total:\n    output: "sum.txt"\n    shell: "exit 3"\n')
    for name in ("one", "two"):
        place.file(f"{name}/config.yaml", "jobs: 1\n")
    place.more = {"SNAKEMAKE_PROFILE": value} if value else {}
    place.tells("run", "--", "snakemake", "--cores=1", *words)
    # When a test is made elsewhere
    place.more = {}
    [incident] = place.incidents()
    made = tells(place, "test-for", incident["id"]).stdout
    # Then it has the same ones
    [options] = [
        ast.literal_eval(node.value)
        for node in ast.parse(made).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OPTIONS"
    ]
    assert options == given


def test_where_a_model_is_nothing_is_said_of_having_one(place: Place):
    place.file("job.sh", "#!/bin/bash\nexit 3\n")
    task = {"name": "job.sh", "key": "815", "native_id": "815", "workdir": str(place.work)}
    incident = told(place, "sbatch", ["sbatch", "job.sh"], task, {"process": "job.sh", "exit": 3})
    without = tells(place, "test-for", incident).stderr.splitlines()
    place.file("heal.toml", '[model.local]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "any"\n')
    assert tells(place, "test-for", incident).stderr.splitlines() == without[:-1]
    # and settings that cannot be read hold no test up
    place.file("heal.toml", "[modle]\n")
    assert tells(place, "test-for", incident).stderr.splitlines() == without


@pytest.mark.snakemake
def test_nothing_is_written_where_tests_leads_elsewhere(failed: Place, tmp_path: Path):
    [incident] = failed.incidents()
    (tmp_path / "elsewhere").mkdir()
    (failed.work / "tests").symlink_to(tmp_path / "elsewhere")
    ended = tells(failed, "test-for", incident["id"], "--write")
    assert (ended.returncode, list((tmp_path / "elsewhere").iterdir())) == (2, [])
    assert "leads out of" in ended.stderr


def told(place: Place, engine: str, argv: list[str], task: dict[str, object], facts: dict[str, object]) -> str:
    """An incident, by the events of a run as a plugin or a shim writes them."""
    run = {"id": "r1", "engine": engine, "cwd": str(place.work), "argv": argv}
    spool = place.home / "spool"
    spool.mkdir(exist_ok=True)
    events = [
        {"kind": "run_started", "facts": {"host": "elsewhere"}},
        {"kind": "task_failed", "task": task, "facts": facts},
        {"kind": "run_finished", "facts": {"ok": False, "exit": 1}},
    ]
    for n, event in enumerate(events):
        line = json.dumps({"v": 1, "time": f"2026-01-02T03:04:{n:02d}Z", "source": "runner", "run": run, **event})
        (spool / f"{n:020d}-1-1.json").write_text(line, encoding="utf-8")
    assert place.tells("tick").returncode == 0
    [incident] = place.incidents()
    return str(incident["id"])


JOB = """\
#!/bin/bash
#SBATCH --cpus-per-task=2
set -euo pipefail
echo script >> $RAN
mkdir -p out
sort -n values_$SLURM_ARRAY_TASK_ID.txt > out/sorted.txt
%s
echo "$1" > out/name.txt
"""


def bash_says(place: Place, file: str) -> subprocess.CompletedProcess[str]:
    return place.run("bash", file)


def test_a_job_by_hand_is_run_again_in_a_scratch_folder(place: Place):
    # Given a job of an array whose script failed
    place.file("job.sh", JOB % "[ $(head -n 1 out/sorted.txt) = 9 ]")
    place.file("values_3.txt", "2\n1\n")
    place.file("out/name.txt", "mine\n")
    task = {"name": "job.sh", "key": "815_3", "native_id": "815_3", "workdir": str(place.work)}
    facts = {"process": "job.sh", "exit": 1, "asked": {"cpus": 2}}
    incident = told(place, "sbatch", ["/usr/bin/sbatch", "--array=1-4", "job.sh", "a b"], task, facts)
    # When its test is written, and run before and after it is mended
    ended = tells(place, "test-for", incident, "--write", "--json")
    assert ended.returncode == 0, ended.stderr
    file = json.loads(ended.stdout)["files"][0]["path"]
    assert os.access(place.work / file, os.X_OK)
    before = bash_says(place, file)
    place.file("job.sh", JOB % "[ $(head -n 1 out/sorted.txt) = 1 ]")
    after = bash_says(place, file)
    # Then it failed, and passes, and what the script writes is not the project's
    assert (before.returncode, before.stdout.splitlines()[-1]) == (1, "FAILED: exit code 1")
    assert (after.returncode, after.stdout) == (0, "ok\n")
    assert (place.work / "out/name.txt").read_text() == "mine\n"
    assert not (place.work / "out/sorted.txt").exists()
    assert place.times_run() == {"script": 2}


def test_kept_inputs_that_changed_are_no_verdict(place: Place):
    place.file("job.sh", "#!/bin/bash\ncat values.txt; exit 3\n")
    place.file("values.txt", "1\n")
    task = {"name": "job.sh", "key": "815", "native_id": "815", "workdir": str(place.work)}
    incident = told(place, "sbatch", ["sbatch", "job.sh"], task, {"process": "job.sh", "exit": 3})
    made = json.loads(tells(place, "test-for", incident, "--write", "--json").stdout)
    place.file(made["inputs"][0]["kept"], "2\n")
    assert bash_says(place, made["files"][0]["path"]).returncode == 77


def test_what_cannot_be_tested_for_is_said(place: Place):
    task = {"name": "job.sh", "key": "815", "native_id": "815", "workdir": str(place.work)}
    incident = told(place, "sbatch", ["sbatch", "--wrap=false"], task, {"process": "wrap", "exit": 1})
    ended = tells(place, "test-for", incident)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "it came by --wrap, or is not there any more" in ended.stderr
    assert tells(place, "test-for", "0123").returncode == 2
