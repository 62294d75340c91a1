"""A person's yes to what models on other hosts are sent about an incident: to just that, and as long as it is that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.dialogue import Asker, Message, Question, Reply
from heal.home import places
from heal.models import digest


@dataclass(frozen=True, slots=True)
class Yes:
    """What was shown: the digest of all its questions, and the windows that they were cut to, by route."""

    digest: str
    windows: Mapping[str, int]


def digest_of(questions: Iterable[tuple[Sequence[Message], Mapping[str, Any] | None]]) -> str:
    """What names these questions together, in order; each is its messages and the form of its answer."""
    return hashlib.sha256("\n".join(digest(*one) for one in questions).encode()).hexdigest()


def keep(home: Path, incident: str, yes: Yes) -> None:
    """Write it down, for its user alone, in place of an earlier one. Raises OSError."""
    note = places.approved(home, incident)
    places.private_folder(note.parent)
    whole_file.put(note, json.dumps(asdict(yes)))


def kept(home: Path, incident: str) -> Yes | None:
    """The yes that was said; None where none was, or it cannot be read."""
    with suppress(OSError, ValueError, TypeError):
        return Yes(**json.loads(places.approved(home, incident).read_text(encoding="utf-8")))
    return None


def forget(home: Path, incident: str) -> None:
    """Take it for not said."""
    places.approved(home, incident).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Within:
    """Asks in no larger windows than those that a person was shown."""

    asker: Asker
    windows: Mapping[str, int]

    def ask(
        self,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """See the seam."""
        return self.asker.ask(question, heard=heard, stop=stop)

    def window(self, role: str) -> int | None:
        """See the seam. A role of which nothing was shown has the smallest of these windows."""
        shown = self.windows.get(role) or min(self.windows.values())
        return min(shown, self.asker.window(role) or shown)
