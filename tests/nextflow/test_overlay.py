"""What heal gives a process besides memory and time outranks the pipeline's own words, as Nextflow and SLURM see it."""

from __future__ import annotations

import pytest
from tests.nextflow import test_relaunch

from heal.engines.nextflow_argv import read
from heal.engines.nextflow_config import resolve
from heal.records import Attempt, Change, Fix, FixKind
from heal.seams import Order

pytestmark = pytest.mark.nextflow
place, Place = test_relaunch.place, test_relaunch.Place

SCRIPT = """
process SMALL {
    output: path 's.txt'
    script: "echo SMALL \\$SLURM_JOB_PARTITION >> ${params.count}; touch s.txt"
}
process BIG {
    queue 'tiny'
    errorStrategy 'finish'
    input: tuple path(s), val(n)
    script:
    \"\"\"
    [ $n = 2 ] || { echo WELL >> ${params.count}; exit 0; }
    echo "BIG ${task.memory.toMega()} ${task.disk.toMega()} \\$SLURM_JOB_PARTITION \\$SCRATCH" >> ${params.count}
    [ \\$SCRATCH = /ours ]
    \"\"\"
}
workflow { BIG(SMALL().combine(channel.of(1, 2))) }
"""
OWN = """
process {
    executor = 'slurm'; memory = '60 MB'; time = '2m'; queue = 'short'
    withName: 'B.G' { disk = '1 GB'; containerOptions = '--ipc=host'; queue = 'tiny' }
    withName: BIG { memory = '80 MB'; queue = 'short' }
}
env { SCRATCH = '/theirs' }
"""


def order(kind: FixKind, *changes: Change) -> Order:
    asked = {"memory_mb": 80.0, "disk_mb": 1024.0}
    return Order(
        Fix(kind, "BIG", changes), (Attempt(1, "r", "r", "nextflow", "BIG", "BIG", "BIG", native_id="7", asked=asked),)
    )


RESOURCES = order(
    FixKind.RESOURCES,
    *(Change("memory_mb", 80.0, 120), Change("disk_mb", 1024.0, 2048), Change("partition", "short", "long")),
)
ENVIRONMENT = order(
    FixKind.ENVIRONMENT, Change("SCRATCH", "/theirs", "/ours"), Change("container_options", None, "--shm-size=1g")
)


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_queue_disk_variables_and_container_options(place: Place) -> None:
    # Given a run on SLURM, of whose last process several selectors of the pipeline's speak, and one of its tasks is well
    place.prepare(config=OWN)
    (place.work / "main.nf").write_text(SCRIPT)
    run = place.launch("run", "main.nf", *place.count)
    before = {"SMALL short": 1, "WELL": 1, "BIG 80 1024 short /theirs": 1}
    assert place.counted() == before, (place.folder / "said").read_text()
    # When it is started again with other ones
    applied, _again = place.apply(run, RESOURCES, ENVIRONMENT)
    # Then the task that failed has them, and none of the others is run again
    ours = {"BIG 120 2048 long /ours": 1}
    assert place.counted() == before | ours, place.said("t1")
    assert "BIG disk 2048 MB, memory 120 MB, queue long, container --shm-size=1g, SCRATCH=/ours" in applied.detail
    # And so Nextflow says, which adds to the container's own options
    [overlay] = read(place.argv_of("t1")).overlays
    (place.work / overlay).rename(place.work / "ours.config")
    line = read((str(place.program), "run", "main.nf", "-c", "ours.config"))
    config = resolve(line, str(place.work), place.environment())
    settings = config.own("BIG", "").settings
    assert (settings["queue"], settings["containerOptions"]) == ("long", "--ipc=host --shm-size=1g")
    assert config.scope("env") == {"SCRATCH": "/ours"}
