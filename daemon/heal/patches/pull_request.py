"""The text of a pull request, for people who push: the cause with its proof, the change, how it was tried. Pure.

What it tells comes from logs and models. It is shown as text: nobody is mentioned, no issue closed, no link made by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from heal.cases import Citation
from heal.patch import Draft, Objection, Trial

_MOST_CITED, _LINE = 10, 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~-])")
# between these and what follows a sign of no width keeps a forge from making a link
_LINKING = re.compile(r"(@|#(?=\d)|://|www(?=\.))")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the draft: ``by`` is the model or pattern, ``reruns`` what will run again."""

    incident: str
    cause: str
    confidence: float | None = None
    citations: tuple[Citation, ...] = ()
    by: str = ""
    trials: tuple[Trial, ...] = ()
    objections: tuple[Objection, ...] = ()
    reruns: str = ""


def body(draft: Draft, facts: Facts) -> str:
    """Markdown; the title is the draft's subject."""
    return "\n\n".join(_parts(draft, facts)) + "\n"


def _parts(draft: Draft, facts: Facts) -> Iterator[str]:
    sure = f" ({facts.confidence:.2f} sure)" if facts.confidence is not None else ""
    yield f"## Cause{sure}\n\n{_text(facts.cause)}"
    if facts.citations:
        yield _fenced([_cited(one) for one in facts.citations[:_MOST_CITED]])
    yield "## Change\n\n" + "\n".join(f"- {_code(name)}" for name in draft.files)
    if draft.why:
        yield "\n".join(f"> {_text(line)}" for line in draft.why.split("\n"))
    if facts.trials:
        rows = (f"| {_text(one.name)} | {_outcome(one)} | {_text(one.said)} |" for one in facts.trials)
        yield "\n".join(["## Tried\n", "| check | outcome | said |", "| --- | --- | --- |", *rows])
    if facts.objections:
        yield "## To look at\n\n" + "\n".join(f"- {_where(one)}: {_text(one.why)}" for one in facts.objections)
    if facts.reruns:
        yield f"## Runs again\n\n{_text(facts.reruns)}"
    by = f", proposed by {_code(facts.by)}" if facts.by else ""
    yield f"heal, incident {_code(facts.incident)}{by}, patch {_code(draft.patch_id[:12])}"


def _outcome(trial: Trial) -> str:
    took = f" in {trial.seconds:.0f} s" if trial.seconds >= 1 else ""
    return {True: "passed", False: "**failed**", None: "could not be tried"}[trial.passed] + took


def _where(one: Objection) -> str:
    return _code(f"{one.path}:{one.line}" if one.line else one.path)


def _cited(one: Citation) -> str:
    place = f"{one.source}:{one.line}" if one.line else one.source
    return f"{_line(place)}  {_line(one.text)}"


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text)[:_LINE]


def _text(text: str) -> str:
    """Any text as one line that Markdown shows as it is."""
    safe = _line(text).strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", _LINKING.sub("\\1\u200b", safe))


def _code(text: str) -> str:
    """Inline code, whatever backticks it holds."""
    ticks = "`" * (_longest(text) + 1)
    return f"{ticks} {_line(text)} {ticks}" if "`" in text else f"`{_line(text)}`"


def _fenced(lines: list[str]) -> str:
    fence = "`" * max(3, *(_longest(line) + 1 for line in lines))
    return "\n".join([f"{fence}text", *lines, fence])


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
