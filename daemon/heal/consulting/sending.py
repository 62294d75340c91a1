"""The way from a payload to a model: it is kept as sent before it is, and no longer where it was not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from heal.dialogue import Asker, Question, Reply
from heal.errors import BadSettings, ModelBudgetSpent, NoModel, NotAllowedOut
from heal.payload.archive import Archive
from heal.payload.build import Payload

# where one of these is raised, no model was asked
_NOT_SENT = (NotAllowedOut, NoModel, ModelBudgetSpent, BadSettings)


@dataclass(frozen=True, slots=True)
class Sending:
    """Asks about one ``subject``: an incident, the project as a whole, or what is to be checked of it."""

    subject: str
    asker: Asker
    archive: Archive
    clock: Callable[[], datetime]

    def ask(
        self,
        role: str,
        payload: Payload,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """The answer to a question that holds this payload. Raises as ``Asker``, and where it cannot be kept."""
        kept = self.archive.keep(self.subject, role, payload, self.clock())
        try:
            return self.asker.ask(question, heard=heard, stop=stop)
        except _NOT_SENT:
            kept.unlink(missing_ok=True)
            raise
