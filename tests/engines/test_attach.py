"""attach: an environment in which the engines and sbatch speak to heal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heal.engines.attach import attach
from heal.shipped import NEXTFLOW_PLUGIN


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): (str(path.readlink()) if path.is_symlink() else path.read_text("latin-1"))
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_the_environment_gains_a_first_path_and_a_last_python_path(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin::/bin", "PYTHONPATH": "/mine", "SLURM_JOB_ID": "7", "X": "a\nb"}
    inside = {"HEAL_SHIM": "snakemake", "HEAL_SUBMITTED": "1"}
    assert attach(tmp_path, env | inside, spool=tmp_path / "spool", in_flight_s=90) == {
        "PATH": f"{tmp_path}/bin:/usr/bin::/bin",
        "PYTHONPATH": f"/mine:{tmp_path}/python",
        "HEAL_SPOOL": f"{tmp_path}/spool",
        "HEAL_OUTER_JOB": "7",
        "HEAL_IN_FLIGHT": "90",
        "SLURM_JOB_ID": "7",
        "X": "a\nb",
    }


def test_the_python_folder_holds_nothing_but_the_plugin(tmp_path: Path) -> None:
    attach(tmp_path, {}, spool=tmp_path / "spool")
    assert [path.name for path in (tmp_path / "python").iterdir()] == ["snakemake_logger_plugin_heal"]
    assert (tmp_path / "python" / "snakemake_logger_plugin_heal" / "__init__.py").is_file()
    assert sorted(path.name for path in (tmp_path / "bin").iterdir()) == [
        ".heal-shims",
        "nextflow",
        "sbatch",
        "snakemake",
    ]


def test_attaching_again_changes_nothing_and_repairs_what_was_broken(tmp_path: Path) -> None:
    env = attach(tmp_path, {"PATH": "/bin"}, spool=tmp_path / "spool")
    first = contents(tmp_path)
    again = attach(tmp_path, env, spool=tmp_path / "spool")
    assert (again, contents(tmp_path)) == (env, first)
    (tmp_path / "bin" / "sbatch").write_text("broken")
    (tmp_path / "bin" / "snakemake").chmod(0o600)
    (tmp_path / "python" / "snakemake_logger_plugin_heal").unlink()
    (tmp_path / "python" / "snakemake_logger_plugin_heal").symlink_to("/nowhere")
    attach(tmp_path, env, spool=tmp_path / "spool")
    assert contents(tmp_path) == first
    assert os.access(tmp_path / "bin" / "snakemake", os.X_OK)


def test_many_may_attach_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from heal.engines.attach import attach\n"
        "for _ in range(20): attach(Path(sys.argv[1]), {}, spool=Path('/s'))\n"
    )
    many = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(4)]
    assert [one.wait(60) for one in many] == [0] * 4
    assert {name for name in contents(tmp_path) if not name.startswith("nextflow/")} == {
        *("bin/.heal-shims", "bin/nextflow", "bin/sbatch", "bin/snakemake"),
        "python/snakemake_logger_plugin_heal",
    }


@pytest.mark.nextflow
def test_the_nextflow_folder_holds_the_plugin_and_the_java_that_loads_it(tmp_path: Path, nextflow_plugin: Path) -> None:
    (tmp_path / "nextflow").mkdir()
    (tmp_path / "nextflow" / "plugin.jar").write_bytes(b"of an older heal")
    attach(tmp_path, {}, spool=tmp_path / "spool")
    own = tmp_path / "nextflow"
    assert {path.name: path.stat().st_mode & 0o777 for path in own.iterdir()} == {
        "agent.jar": 0o600,
        "java": 0o700,
        "plugin.jar": 0o600,
    }
    assert (own / "plugin.jar").read_bytes() == (nextflow_plugin / f"{NEXTFLOW_PLUGIN}.jar").read_bytes()
