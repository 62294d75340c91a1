"""What heal says of scripts and requests, against a real SLURM's own word."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.advice.asked import tells
from tests.cli.place import Place

from heal.advice.issues import Severity
from heal.advice.job_scripts import job_script

pytestmark = pytest.mark.slurm

REFUSED = [
    "#!/bin/bash\n#SBATCH --mem=8GiB\ntrue\n",
    "#!/bin/bash\n#SBATCH --mem=8.5G\ntrue\n",
    "#!/bin/bash\n#SBATCH --mem=100 G\ntrue\n",
    "#!/bin/bash\n#SBATCH --time=2h\ntrue\n",
    "#!/bin/bash\n#SBATCH -c four\ntrue\n",
    "#!/bin/bash\n#SBATCH --cpus-per-task=0\ntrue\n",
    "#!/bin/bash\n#SBATCH -Z 4\ntrue\n",
    "#!/bin/bash\n#SBATCH --cpus-per-tasks=2\ntrue\n",
    "#!/bin/bash\n#SBATCH --mem=1G --mem-per-cpu=1G\ntrue\n",
    "#!/bin/bash\n#SBATCH --comment='a\ntrue\n",
    "#SBATCH --mem=1G\ntrue\n",
    "#!/bin/bash\n#SBATCH --mem=1G\r\ntrue\r\n",
]
TAKEN = [
    "#!/bin/bash\n#SBATCH --mem=8M\n#SBATCH --time=2-12\ntrue\n",
    "#!/bin/bash\n#SBATCH --mem=8MB -t 1:30\n# a word\n\n#SBATCH -c 1\ntrue\n",
    "#!/bin/bash\n#SBATCH --time=UNLIMITED\ntrue\n",
    "#!/bin/bash\n#SBATCH --time=infinite --nice\ntrue\n",
    "#!/bin/bash\n#SBATCH --job-name=$USER\ntrue\n",
    "#!/bin/bash\n# SBATCH --mem=nonsense\ntrue\n",
]


def sbatch_takes(folder: Path, text: str) -> bool:
    path = folder / "job.sh"
    path.write_bytes(text.encode())
    return subprocess.run(["sbatch", "--test-only", path], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("text", [*REFUSED, *TAKEN])
def test_heal_and_sbatch_say_the_same_of_a_script(slurm: None, tmp_path: Path, text: str):
    errors = [issue for issue in job_script("job.sh", text) if issue.severity is Severity.ERROR]
    assert (not errors) is sbatch_takes(tmp_path, text)


def test_what_sbatch_passes_over_is_an_error_all_the_same(slurm: None, tmp_path: Path):
    text = "#!/bin/bash\ntrue\n#SBATCH --mem=nonsense\n"
    assert sbatch_takes(tmp_path, text)
    assert [issue.line for issue in job_script("job.sh", text)] == [3]


SNAKEFILE = """
rule all:
    input: "a", "b", "c"

rule long:
    output: "a"
    resources: runtime=600, slurm_partition="short"
    shell: "touch {output}"

rule nowhere:
    output: "b"
    resources: slurm_partition="nowhere"
    shell: "touch {output}"

rule fits:
    output: "c"
    resources: runtime=50, slurm_partition="short", mem_mb=100
    shell: "touch {output}"
"""


@pytest.fixture
def place(slurm: None, tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.home.mkdir(mode=0o700)
    return made


@pytest.mark.snakemake
def test_requests_against_the_partitions_that_there_are(place: Place):
    place.file("Snakefile", SNAKEFILE)
    place.file("big.sh", "#!/bin/bash\n#SBATCH --mem=90000G --partition=short\n#SBATCH --cpus-per-task=5000\ntrue\n")
    ended = tells(place, "validate", "--json")
    found = [one for one in json.loads(ended.stdout)["findings"] if one["by"] == "slurm"]
    assert [(one["severity"], one["file"], one["line"], one["what"].partition(";")[0]) for one in found] == [
        ("error", "Snakefile", 5, "rule long asks for 10.0 h"),
        ("error", "Snakefile", 10, "rule nowhere names partition nowhere, and there is none of that name here"),
        ("error", "big.sh", 1, "it asks for 5000 cpus on a node"),
        ("error", "big.sh", 1, "it asks for 90000.0 GB of memory"),
    ]
    assert ended.returncode == 1


BURN = "#!/bin/bash\n#SBATCH -c 2 -t 2 --mem=50M -J burn_{n} -p short\ntimeout 2 sh -c 'while :; do :; done'\ntrue\n"


def test_what_real_accounting_shows(place: Place, until: Callable[..., bool]):
    # Given ten jobs that ask for two cpus and keep one busy
    for n in range(10):
        place.file(f"{n}.sh", BURN.format(n=n))
        assert place.run("sbatch", "--parsable", f"{n}.sh").returncode == 0

    def found() -> dict[str, object]:
        ended = tells(place, "optimize", "--since", "1h", "--json")
        assert ended.returncode == 0, ended.stderr
        said: dict[str, object] = json.loads(ended.stdout)
        return said

    assert until(lambda: found()["jobs"] == 10, seconds=300, every=5)
    # Then heal says so
    [one] = [each for each in found()["suggestions"] if each["kind"] == "cpus"]
    assert (one["kind"], one["engine"], one["process"], one["jobs"]) == ("cpus", "sbatch", "burn_*", 10)
    assert one["change"] == ["#SBATCH --cpus-per-task=1"]
    assert 0 < one["saves"]["core_hours"] < 0.1


JOB = "#!/bin/bash\n#SBATCH -t 2 --mem=50M -p short --array=2-2\nset -eu\ngrep -c {word} words_$SLURM_ARRAY_TASK_ID.txt > count.txt\n"


def test_a_job_that_failed_on_slurm_has_a_test(place: Place):
    # Given an element of an array that failed under heal
    place.file("job.sh", JOB.format(word="gone"))
    place.file("words_2.txt", "here\n")
    place.tells("run", "--", "sbatch", "--wait", "job.sh")
    [incident] = place.incidents()
    # When a test is made of it
    ended = tells(place, "test-for", incident["id"], "--write", "--json")
    assert ended.returncode == 0, ended.stderr
    file = json.loads(ended.stdout)["files"][0]["path"]
    # Then it fails without SLURM as the job did on it, and passes when the script is mended
    (place.work / "count.txt").unlink(missing_ok=True)
    before = place.run("bash", file)
    assert (before.returncode, before.stdout.splitlines()[-1]) == (1, "FAILED: exit code 1")
    place.file("job.sh", JOB.format(word="here"))
    after = place.run("bash", file)
    assert (after.returncode, after.stdout) == (0, "ok\n")
    assert not (place.work / "count.txt").exists()
