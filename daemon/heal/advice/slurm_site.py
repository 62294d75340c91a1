"""What SLURM here gives, asked by at most five questions."""

from __future__ import annotations

from heal.advice.requests import Site, nodes_of
from heal.errors import SchedulerUnreachable
from heal.schedulers.command import Commands
from heal.schedulers.slurm_rules import Rulebook

_NODES = ("sinfo", "--noheader", "--Node", "--format=%R|%c|%G")


def ask(commands: Commands, rulebook: Rulebook) -> Site:
    """Partitions, QOS, associations and nodes. Raises ``SchedulerUnreachable``, also where there is no SLURM."""
    rules = rulebook.rules()
    answer = commands.ask(_NODES)
    if not answer.ok:
        raise SchedulerUnreachable(answer.complaint or "sinfo ended with an error and without a word")
    return Site(rules, nodes_of(answer.stdout))
