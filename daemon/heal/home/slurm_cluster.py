"""The name of the cluster that SLURM's commands reach from here, as far as it can be told without asking them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from heal.home import slurm_conf

# man slurm.conf; the third: where a site without configuration files has them sent to (man slurmd, configless)
_PLACES = ("/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf", "/run/slurm/conf/slurm.conf")


def cluster(env: Mapping[str, str]) -> str:
    """The name, in small letters as accounting has it; empty where it cannot be told, or several are asked."""
    if chosen := env.get("SLURM_CLUSTERS", ""):
        return "" if "," in chosen or chosen.lower() == "all" else chosen.lower()
    for place in [env["SLURM_CONF"]] if env.get("SLURM_CONF") else _PLACES:
        try:
            text = Path(place).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return slurm_conf.value(text, "ClusterName").lower()
    return ""
