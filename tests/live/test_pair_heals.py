"""What only the second cluster shows, healed from end to end under ``heal run``."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.live.pipelines import EAT, Pipeline, outcomes

pytestmark = [pytest.mark.slurm, pytest.mark.xdist_group("endings")]


class PairPipeline(Pipeline):
    """A pipeline whose commands reach the second cluster."""

    conf = ""

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "SLURM_CONF": self.conf}


@pytest.fixture
def pipeline(tmp_path: Path, pair: str) -> PairPipeline:
    made = PairPipeline(tmp_path)
    made.conf = pair
    made.file("eat.py", EAT)
    made.file("heal.toml", "[slurm]\nstuck_after_s = 5\n")
    return made


def test_a_job_whose_script_does_not_notice_that_it_ran_out_of_memory_is_healed(pipeline: PairPipeline) -> None:
    # Given a script that ends with 0 whatever becomes of its program, and too little memory for that
    pipeline.file("job.sh", "#!/bin/bash\necho plink >> $RAN\npython3 eat.py 150 1 && touch done.txt\nexit 0\n")
    pipeline.file("submit.sh", "sbatch --job-name=plink --mem=100M --time=5 job.sh\n")
    # When it is started under heal
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    # Then SLURM's word counted, and it came home with more
    assert ended.returncode == 0, ended.stdout
    assert (pipeline.work / "done.txt").exists()
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], outcomes(incident)[-1]) == ("healed", "out_of_memory", "healed")
    assert pipeline.times_run() == {"plink": 1 + len(incident["remedies"])}


def test_a_job_that_can_never_start_waits_for_a_person(pipeline: PairPipeline) -> None:
    # Given a job that asks for two hours where the partition gives one
    pipeline.file("submit.sh", "sbatch --job-name=long --time=120 --wrap=true\n")
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    job = pipeline.run("squeue", "--me", "--noheader", "--name=long", "--format=%i").stdout.strip()
    pipeline.run("scancel", job)
    # Then it is told what is wrong and what to do, and nobody waits for the job
    assert ended.returncode == 3, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["remedies"]) == ("waiting", "scheduler_rejected", [])
    assert f"scontrol update JobId={job} TimeLimit=" in pipeline.show(incident["id"])["fix"]["why"]
