"""What the orders for a Nextflow run come to: per process what it is given, and what its pipeline would lose by that.

Changes of an ``environment`` fix are variables by their names, or ``container_options``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from heal.engines.nextflow_config import Config
from heal.engines.nextflow_overlay import AMOUNTS, Given, Own, is_closure
from heal.errors import CannotApply
from heal.records import Attempt, Fix, FixKind
from heal.seams import Order

CONTAINER_OPTIONS = "container_options"
# lines of .command.run that Nextflow's SLURM executor writes whatever a process says (SlurmExecutor.getDirectives)
_STANDARD = re.compile(r"#SBATCH (?:-[JocptA]|--no-requeue|--signal|--mem|--mem-per-cpu|--array|--export)\b")


def can_give(fix: Fix, attempt: Attempt) -> bool:
    """Tell whether a run can be started again with what a fix changes, and the task would see it."""
    match fix.kind:
        case FixKind.RESOURCES:
            return any(change.name in AMOUNTS for change in fix.changes) and all(
                isinstance(change.new, str) and attempt.native_id is not None
                if change.name == "partition"
                else _changes(change.name, change.old, change.new, attempt)
                for change in fix.changes
            )
        case FixKind.EXCLUDE_NODE:
            nodes = [change.new for change in fix.changes if change.name == "node"]
            on_slurm = str(attempt.facts.get("executor") or "slurm") == "slurm"
            return bool(nodes) and all(nodes) and attempt.native_id is not None and on_slurm
        case _:
            named = [change.name.isidentifier() and isinstance(change.new, str) for change in fix.changes]
            return bool(named) and all(named)


def _changes(name: str, old: float | str | None, new: float | str | None, attempt: Attempt) -> bool:
    """True where the request of this attempt would really change."""
    known = name in AMOUNTS and isinstance(new, int | float)
    return known and new != attempt.asked.get(name, old) and (attempt.native_id is not None or name in attempt.asked)


def given_by(orders: Sequence[Order]) -> dict[str, Given]:
    """Per process what it is to get; the most where orders differ. Raises ``CannotApply``."""
    ours: dict[str, Given] = {}
    for order in orders:
        if order.fix.kind not in (FixKind.RESOURCES, FixKind.EXCLUDE_NODE, FixKind.ENVIRONMENT):
            continue
        given = _gift(order.fix)
        for process in dict.fromkeys(attempt.process for attempt in order.attempts) or [order.fix.process]:
            grew = any(attempt.number > 1 for attempt in order.attempts if attempt.process == process)
            ours[process] = replace(given, grows=grew and bool(given.amounts)).over(ours.get(process, Given()))
    return ours


def _gift(fix: Fix) -> Given:
    if fix.kind is FixKind.ENVIRONMENT:
        variables = {change.name: str(change.new) for change in fix.changes}
        options = variables.pop(CONTAINER_OPTIONS, None)
        return Given(container=(options,) if options else (), env=variables)
    amounts = {change.name: math.ceil(change.new) for change in fix.changes if isinstance(change.new, int | float)}
    named = {change.name: str(change.new) for change in fix.changes if isinstance(change.new, str)}
    nodes = tuple(str(change.new) for change in fix.changes if change.name == "node" and change.new)
    if unknown := (amounts.keys() - AMOUNTS.keys()) | (named.keys() - {"partition", "node"}):
        raise CannotApply(f"Nextflow cannot be asked for {', '.join(sorted(unknown))}")
    return Given(amounts, named.get("partition"), nodes)


def check(ours: Mapping[str, Given], owns: Mapping[str, Own], config: Config, orders: Sequence[Order]) -> None:
    """Raise ``CannotApply`` for what the pipeline's own configuration would take back, or would lose."""
    for process, given in ours.items():
        own = owns[process]
        if refused := own.refused(given.amounts):
            raise CannotApply(f"{process}: {'; '.join(refused)}; raise it there first")
        if given.container and not isinstance(own.settings.get("containerOptions"), str):
            raise CannotApply(f"{process}: its containerOptions may stand in the process itself, and would be replaced")
        if given.container and is_closure(own.settings["containerOptions"]):
            raise CannotApply(f"{process}: its containerOptions are computed for each task, and would be replaced")
        if not given.without:
            continue
        if not config.known:
            raise CannotApply(f"{process}: its clusterOptions are not known ({config.trouble}), and would be replaced")
        options = own.settings.get("clusterOptions")
        if is_closure(options):
            raise CannotApply(f"{process}: its clusterOptions are computed for each task, and would be replaced")
        workdirs = [one.workdir for order in orders for one in order.attempts if one.process == process and one.workdir]
        if options is None and any(_says_more(Path(workdir)) for workdir in workdirs):
            raise CannotApply(f"{process}: its clusterOptions stand in the process itself, and would be replaced")


def _says_more(workdir: Path) -> bool:
    """True where a task was submitted with options that Nextflow does not give by itself."""
    try:
        lines = (workdir / ".command.run").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("#SBATCH") and not _STANDARD.match(line) for line in lines)
