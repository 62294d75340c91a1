"""The command that changes what waiting jobs wait for: one for many (man scontrol, JobId=<job_list>)."""

from __future__ import annotations

from collections.abc import Sequence

from heal.schedulers.slurm_values import indices_text, split_id


def update_dependency(jobs: Sequence[str], dependency: str) -> list[str]:
    """Build the command; elements of one array are named together: ``81500_[3,7-9]``."""
    elements: dict[str, list[int]] = {}
    for job in jobs:
        base, element = split_id(job)
        named = elements.setdefault(base, [])
        named += [int(element)] if element.isdigit() else []
    named_all = [f"{base}_[{indices_text(of)}]" if of else base for base, of in elements.items()]
    return ["scontrol", "update", f"JobId={','.join(named_all)}", f"Dependency={dependency}"]
