"""What the followers of engines' logs share: an announced log is read on until its run is over and all is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from heal.errors import HealError
from heal.records import Event


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be: ``offset`` and ``n`` make its id, the same however often the log is read; ``stamp`` its time."""

    kind: str
    task: dict[str, Any] | None
    facts: dict[str, Any]
    stamp: str
    offset: int
    n: int = 0


class Followed(Protocol):
    """One log: ``told`` is what it says that is not taken yet, ``trouble`` what heal stumbled over in it."""

    over: bool
    trouble: str
    told: list[Event]

    def read_on(self, others: Sequence[Self]) -> None:
        """Take what was written since; ``others`` are followed beside it."""

    def close(self) -> None:
        """Read no further."""


F = TypeVar("F", bound=Followed)


class FollowedLogs(Generic[F]):
    """The log seam. ``of`` gives what reads the log that an event announces, None where it announces none."""

    def __init__(self, of: Callable[[Event], F | None]) -> None:
        self._of = of
        self._followed: dict[str, F] = {}

    def takes(self, said: Event) -> bool:
        """Tell whether an event announces a log to be followed; from now on it is, however often that is said."""
        if said.id in self._followed:
            return True
        made = self._of(said)
        if made is None:
            return False
        self._followed[said.id] = made
        return True

    def news(self) -> Sequence[Event]:
        """Give what the logs say that was not taken yet, the same again until it is."""
        for followed in self._followed.values():
            try:
                followed.read_on([one for one in self._followed.values() if one is not followed])
            except (SQLAlchemyError, HealError):
                raise  # the store: nothing is wrong with the log
            except Exception as error:  # noqa: BLE001 - a guest's text must not stop all that is done besides
                followed.trouble = f"{type(error).__name__}: {error}"
        return [event for followed in self._followed.values() for event in followed.told]

    def taken(self, ids: Sequence[str]) -> None:
        """These events are stored."""
        gone = frozenset(ids)
        for followed in self._followed.values():
            followed.told = [event for event in followed.told if event.id not in gone]

    def trouble(self, said: Event) -> str:
        """Tell what heal stumbled over in an announced log; empty where nothing is wrong."""
        followed = self._followed.get(said.id)
        return followed.trouble if followed else ""

    def done(self, said: Event) -> bool:
        """Tell whether all that an announced log has to say is taken; it is followed no longer then."""
        followed = self._followed.get(said.id)
        if followed is None:
            return True
        if not followed.trouble and (followed.told or not followed.over):
            return False
        del self._followed[said.id]
        followed.close()
        return True
