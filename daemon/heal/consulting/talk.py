"""Questions of people to a model, about an incident or the whole project; what was said is remembered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from heal.cases import Case
from heal.consulting.brief import Known
from heal.consulting.project import same_project
from heal.consulting.sending import Sending
from heal.consulting.windows import room, window
from heal.dialogue import Question, Reply
from heal.home import places
from heal.journal import Diagnosed, state_of
from heal.payload.build import Payload, Prompt, build
from heal.payload.context import Context, Material, gather
from heal.payload.redact import Redactor
from heal.payload.tree import FolderTree
from heal.records import Diagnosis
from heal.shipped import shipped

ROLE = "ask"
_ANSWER = 900
# so many earlier questions are told again; the payload cuts them to their share
_TURNS, _KEPT = 6, 200
_INCIDENTS = 12
_CITED = re.compile(r"(?<![\w/])((?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)+|Snakefile|(?:[\w.-]+/)+Snakefile):(\d+)")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer."""

    question: str
    answer: str
    model: str = ""
    time: str = ""


class Memory:
    """What was said about one subject, in ``.heal/conversations`` of the project, for its user alone."""

    def __init__(self, project: Path, subject: str) -> None:
        self._project = project
        self._name = f"{re.sub(r'[^A-Za-z0-9-]', '_', subject)}.jsonl"

    def turns(self) -> tuple[Turn, ...]:
        """The newest, oldest first; a line that cannot be read is left out."""
        try:
            lines = (self._project / ".heal/conversations" / self._name).read_bytes().split(b"\n")
        except OSError:
            return ()
        return tuple(turn for line in lines if (turn := _turn(line)))[-_KEPT:]

    def keep(self, turn: Turn) -> None:
        """Remember it. Raises OSError."""
        folder = places.of_project(self._project) / "conversations"
        places.private_folder(folder)
        descriptor = os.open(folder / self._name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a+b") as file:
            # what a kill cut off stays a line of its own
            torn = file.tell() and os.pread(descriptor, 1, file.tell() - 1) != b"\n"
            file.write(b"\n" * bool(torn) + json.dumps(asdict(turn)).encode() + b"\n")


def _turn(line: bytes) -> Turn | None:
    with suppress(ValueError, TypeError):
        found = Turn(**json.loads(line))
        return found if all(isinstance(each, str) for each in astuple(found)) else None
    return None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation about what a context holds."""

    sending: Sending
    context: Context
    redactor: Redactor

    def payload(self, question: str, turns: Sequence[Turn] = (), size: int | None = None) -> Payload:
        """What would be sent: the question whole, of what was said before the newest. Raises NoRoom.

        ``size`` is the window that is taken for the model's; else who is asked tells it.
        """
        notes = [
            (title, text)
            for turn in turns[-_TURNS:]
            for title, text in (("Asked before", turn.question), ("Answered before", turn.answer))
        ]
        rules = (shipped("chains") / "prompts" / "ask.txt").read_text(encoding="utf-8")
        untold = 2 * max(0, len(turns) - _TURNS)
        prompt = Prompt(ROLE, rules, notes=tuple(notes), untold=untold, question=question)
        return build(prompt, self.context, room(size or window(self.sending.asker, ROLE), _ANSWER), self.redactor)

    def answer(self, question: str, turns: Sequence[Turn], heard: Callable[[str], None]) -> Reply:
        """Ask, and hand on each piece as it comes, with hidden texts put back. Raises as ``Asker``."""
        payload = self.payload(question, turns)
        saying = _Saying(self.redactor.restore, heard)
        asked = Question(ROLE, payload.messages, max_tokens=_ANSWER, incident=self.context.incident)
        reply = self.sending.ask(ROLE, payload, asked, heard=saying.piece)
        saying.end()
        return reply

    def unfounded(self, answer: str) -> list[str]:
        """The places that an answer cites and that are in nothing that was shown, each once."""
        return [place for place in dict.fromkeys(cited(answer)) if not self._there(*place.rsplit(":", 1))]

    def _there(self, path: str, line: str) -> bool:
        number = int(line)
        files = (one for one in self.context.regions if one.path == path or one.path.endswith(f"/{path}"))
        logs = (one for one in self.context.evidence if one.source == path or one.source.endswith(f"/{path}"))
        return any(1 <= number <= one.count for one in files) or any(1 <= number <= one.lines for one in logs)


class _Saying:
    """Hands pieces on at once; what may be the begin of a placeholder waits for its end."""

    def __init__(self, restore: Callable[[str], str], heard: Callable[[str], None]) -> None:
        self._restore = restore
        self._heard = heard
        self._held = ""

    def piece(self, text: str) -> None:
        self._held += text
        begin = self._held.rfind("<")
        ready = begin if begin >= 0 and ">" not in self._held[begin:] and len(self._held) - begin < 20 else None  # noqa: PLR2004 - no placeholder is longer
        told, self._held = (self._held, "") if ready is None else (self._held[:ready], self._held[ready:])
        if told:
            self._heard(_plain(self._restore(told)))

    def end(self) -> None:
        if self._held:
            self._heard(_plain(self._restore(self._held)))


def _plain(text: str) -> str:
    """Without signs that steer a terminal, or turn the direction of a text."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "�" for sign in text)


def cited(answer: str) -> Iterator[str]:
    """The places that an answer names, as path:line."""
    return (f"{found[1]}:{found[2]}" for found in _CITED.finditer(answer))


def project_context(root: Path, question: str, known: Known) -> Context:
    """What may be told of a project as a whole: its files, those the question names first, and its own incidents."""
    nothing = Diagnosis(None, "the question is about the project as a whole", 0.0)
    told = gather(Material(Case("", process=""), Diagnosis(None, question, 0.0)), FolderTree(root), root=str(root))
    return Context(
        "", "", "", nothing, listing=told.listing, regions=told.regions, facts=tuple(_incidents(root, known))
    )


def _incidents(root: Path, known: Known) -> Iterator[str]:
    for one, bodies in known(same_project(root, root), _INCIDENTS):
        found = next((body.diagnosis for body in reversed(bodies) if isinstance(body, Diagnosed)), None)
        cause = f": {found.cause}" if found else ""
        yield f"incident {one.id}, {one.process or one.engine}, {state_of(bodies).replace('_', ' ')}{cause}"
