"""A task of a real Nextflow that SLURM kills: with Nextflow's own settings it would be learned of after seven minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.live.pipelines import IMPATIENT

pytestmark = [pytest.mark.nextflow, pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

# held until SLURM has sampled it (OverMemoryKill) and killed the batch shell with it: no trap runs
SCRIPT = """
process BIG { executor 'slurm'; memory '50 MB'; time '10m'
    script: 'python3 -c "import time; held = bytearray(400 << 20); time.sleep(300)"' }
workflow { BIG() }
"""


def test_a_task_killed_for_memory_is_learned_of_in_seconds(nextflow: Path, tmp_path: Path):
    # Given a Nextflow with its own intervals, without heal's plugin, under heal run
    (tmp_path / "main.nf").write_text(SCRIPT, encoding="utf-8")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("HEAL_", "SLURM_", "NXF_"))}
    own = {"PATH": f"{Path(sys.executable).parent}:{nextflow.parent}:{clean['PATH']}", "NXF_PLUGINS_ALLOWED": ""}
    own |= {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(tmp_path / "nxf")}
    env = clean | IMPATIENT | own | {"HEAL_HOME": str(tmp_path / "home"), "HEAL_IN_FLIGHT__WAIT_SECONDS": "0"}
    # When SLURM kills its task
    began = time.monotonic()
    command = ["heal", "run", "--max-remedies", "0", "--", "nextflow", "run", "main.nf"]
    ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=500, check=False)
    took = time.monotonic() - began
    # Then the run is over long before Nextflow would have found out by itself
    assert ended.returncode != 0
    assert took < 180, ended.stdout + ended.stderr
    # And Nextflow knows an exit code, the one that the kill means
    [written] = (tmp_path / "work").glob("*/*/.exitcode")
    assert written.read_text() == "137"
    log = (tmp_path / ".nextflow.log").read_text(encoding="utf-8")
    assert "Process `BIG` terminated with an error exit status (137)" in log
    # And heal knows why
    said = subprocess.run(["heal", "status"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert "out of memory" in said.stdout.lower()
