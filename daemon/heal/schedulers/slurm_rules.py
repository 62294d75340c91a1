"""The site's rules, asked for piece by piece and kept for an hour: they change with the site's configuration alone."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from heal.errors import AskedEnough, SchedulerUnreachable
from heal.schedulers.command import Commands, NotInstalled
from heal.schedulers.kept import Shelf
from heal.schedulers.slurm_limits import ASSOCIATION_FIELDS, NODE_FIELDS, QOS_FIELDS, Rules, rules
from heal.schedulers.slurm_parsers import parse_partitions, parse_table

_KEPT = timedelta(hours=1)
# a side that did not answer is asked again after this
_AGAIN = timedelta(minutes=5)
_PARTITIONS = ("scontrol", "--oneliner", "show", "partition")
_NODES = ("sinfo", "--noheader", "--Node", "--format=%R|%m|%c")


def sacctmgr_qos() -> list[str]:
    """Ask what each QOS allows."""
    return ["sacctmgr", "--noheader", "--parsable2", "show", "qos", f"format={','.join(QOS_FIELDS)}"]


def sacctmgr_associations(user: str) -> list[str]:
    """Ask what the user's associations allow, limits of the accounts above them included (man sacctmgr, WOPLimits).

    Limits of groups are not among these: the rows of the accounts themselves, which have no user, come along.
    """
    fields = f"format={','.join(ASSOCIATION_FIELDS)}"
    return ["sacctmgr", "--noheader", "--parsable2", "show", "associations", f"user={user}", "user=", fields]


class Rulebook:
    """Asks for what partitions, QOS and associations allow. ``user``: whose associations. ``shelf``: what others asked.

    ``hidden`` is whose limits were not shown when they were last asked for (``QOS``, ``accounts``), and why.
    """

    def __init__(
        self, commands: Commands, clock: Callable[[], datetime], user: str, shelf: Shelf | None = None
    ) -> None:
        self._commands = commands
        self._shelf = shelf or Shelf(None, clock)
        self._clock = clock
        self._user = user
        self._kept: dict[tuple[str, ...], tuple[datetime, str]] = {}
        self.hidden: dict[str, str] = {}

    def rules(self) -> Rules:
        """The rules as they are known. Raises ``SchedulerUnreachable`` where the controller does not tell its own.

        A site that does not show QOS or associations (no accounting, not allowed, silent now) is taken by its
        partitions; what it must refuse beyond them, sbatch will.
        """
        partitions = self._told(_PARTITIONS, parse_partitions)
        nodes = self._told(_NODES, lambda text: parse_table(text, NODE_FIELDS, "sinfo"))
        qos = self._shown("QOS", sacctmgr_qos(), QOS_FIELDS)
        associations = self._shown("accounts", sacctmgr_associations(self._user), ASSOCIATION_FIELDS)
        return rules(partitions, nodes, qos, associations, groups_of(self._user))

    def _told(self, argv: Sequence[str], read: Callable[[str], object]) -> str:
        """What is said, kept where it can be read."""
        kept = self._fresh(argv)
        if kept is not None:
            return kept
        if (shared := self._shelf.get(argv)) is not None:
            return self._keep(argv, shared, _KEPT)
        answer = self._commands.ask(argv)
        if not answer.ok:
            raise SchedulerUnreachable(answer.complaint or f"{argv[0]}: exit code {answer.exit_code} without a word")
        read(answer.stdout)
        self._shelf.put(argv, answer.stdout)
        return self._keep(argv, answer.stdout, _KEPT)

    def _shown(self, whose: str, argv: Sequence[str], fields: Sequence[str]) -> str:
        """The same of what a site may keep to itself."""
        kept = self._fresh(argv)
        if kept is not None:
            return kept
        self.hidden.pop(whose, None)
        try:
            return self._told(argv, lambda text: parse_table(text, fields, argv[0]))
        except AskedEnough:
            raise
        except SchedulerUnreachable as error:
            self.hidden[whose] = str(error)
            return self._keep(argv, "", _KEPT if isinstance(error, NotInstalled) else _AGAIN)

    def _fresh(self, argv: Sequence[str]) -> str | None:
        until, text = self._kept.get(tuple(argv), (self._clock(), ""))
        return text if self._clock() < until else None

    def _keep(self, argv: Sequence[str], text: str, how_long: timedelta) -> str:
        self._kept[tuple(argv)] = (self._clock() + how_long, text)
        return text


def groups_of(user: str) -> Collection[str] | None:
    """The names of a user's groups on this host; None for root, whom no group keeps out, and where nobody knows."""
    with suppress(KeyError, OSError):
        entry = pwd.getpwnam(user)
        if entry.pw_uid:
            return [grp.getgrgid(number).gr_name for number in os.getgrouplist(user, entry.pw_gid)]
    return None
