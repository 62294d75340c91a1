"""Which cluster SLURM's commands reach from here, by what they read themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.home.slurm_cluster import cluster


@pytest.mark.parametrize(
    ("conf", "env", "name"),
    [
        ("ClusterName=Lab # ours\nSlurmctldHost=c1\n", {}, "lab"),
        ("clustername=lab\n", {}, "lab"),
        ("include all.conf\n", {}, ""),
        ("ClusterName=lab\n", {"SLURM_CLUSTERS": "Big"}, "big"),
        ("ClusterName=lab\n", {"SLURM_CLUSTERS": "lab,big"}, ""),
        ("ClusterName=lab\n", {"SLURM_CLUSTERS": "all"}, ""),
        (None, {}, ""),
    ],
)
def test_a_cluster_is_named_where_one_is_asked(
    tmp_path: Path, conf: str | None, env: dict[str, str], name: str
) -> None:
    path = tmp_path / "slurm.conf"
    if conf is not None:
        path.write_text(conf)
    assert cluster({"SLURM_CONF": str(path), **env}) == name
