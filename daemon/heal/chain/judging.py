"""What triage and reviewers say, made into records: a line that is in no evidence is no citation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from heal.cases import Citation, Evidence
from heal.chain.answer import Class, Review, Triage
from heal.chain.lines import one_line
from heal.dialogue import Reply
from heal.records import Diagnosis, Label

_MOST_TEXT = 500
_MOST_CITED = 5
# a shorter text is in too many lines to prove anything
_LEAST_CITED = 8
_NUMBER = re.compile(r"^\s*\d+\s*[|:]\s?")
_DEFECTS = (
    *(Label.WORKFLOW_SYNTAX, Label.WORKFLOW_LOGIC, Label.SCRIPT_ERROR, Label.VERSION_INCOMPATIBILITY),
    *(Label.BAD_PARAMETER, Label.MISSING_OUTPUT),
)
_BY_LABEL: Mapping[Label, Class] = {
    **dict.fromkeys(_DEFECTS, Class.DEFECT),
    **dict.fromkeys((Label.ENVIRONMENT_SOLVE, Label.MISSING_DEPENDENCY, Label.CONTAINER), Class.ENVIRONMENT),
    **dict.fromkeys((Label.NETWORK, Label.NODE_FAILURE, Label.FILESYSTEM_TRANSIENT, Label.LOCKED), Class.TRANSIENT),
    **dict.fromkeys((Label.BAD_INPUT_DATA, Label.MISSING_INPUT), Class.INPUT),
}


class Unusable(Exception):
    """An answer cannot be used; the text says why, to the model that gave it."""


def by_rules(diagnosis: Diagnosis) -> Triage:
    """The class of a failure by the label of its diagnosis; where no model is asked."""
    kind = _BY_LABEL.get(diagnosis.label, Class.UNKNOWN) if diagnosis.label else Class.UNKNOWN
    change = kind in (Class.DEFECT, Class.ENVIRONMENT)
    cited = diagnosis.citations or ((diagnosis.root,) if diagnosis.root else ())
    return Triage(kind, diagnosis.cause, change, diagnosis.confidence, cited)


def triage(reply: Reply, evidence: Sequence[Evidence], restore: Callable[[str], str]) -> Triage:
    """What a model thinks of a failure. Raises Unusable where the answer has no class, or only invented lines."""
    data = mapping(reply)
    kind = _class(data.get("class"))
    change = data.get("change")
    if not isinstance(change, bool):
        raise Unusable("change is true or false")
    said = _texts(data.get("cite"))[:_MOST_CITED]
    cited = [found for one in said if (found := cited_line(restore(one), evidence))]
    if not cited:
        wrong = f"{said[0][:120]!r} is in no line of the log" if said else "cite has no line"
        raise Unusable(f"{wrong}: copy one to three lines of the log, letter by letter")
    sure = _share(data.get("sure")) * len(cited) / len(said)
    cause = sentence(data.get("cause"))
    return Triage(kind, cause, change, round(sure, 3), tuple(dict.fromkeys(cited)), len(said) - len(cited), reply.model)


def review(role: str, reply: Reply) -> Review:
    """What a model thinks of a patch. Raises Unusable where one of its three verdicts is missing."""
    data = mapping(reply)
    verdicts = [data.get(name) for name in ("root", "hides", "more_than_asked")]
    if not all(isinstance(one, bool) for one in verdicts):
        raise Unusable("root, hides and more_than_asked are true or false, all three")
    root, hides, more = verdicts
    return Review(role, root is True, hides is True, more is True, sentence(data.get("why")), reply.model)


def mapping(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer. Raises Unusable where it has none."""
    data = reply.data if reply.data is not None else _found(reply.text)
    if not isinstance(data, dict):
        raise Unusable("one JSON object is needed, and nothing else")
    return data


def note(reply: Reply, restore: Callable[[str], str]) -> str:
    """What a role said that is only told to others. Raises Unusable where it said nothing."""
    said = json.dumps(reply.data, ensure_ascii=False) if reply.data is not None else reply.text
    if not said.strip():
        raise Unusable("the answer is empty")
    return restore(said)[: 8 * _MOST_TEXT]


def cited_line(said: str, evidence: Sequence[Evidence]) -> Citation | None:
    """The line of the evidence that holds these words; None where none does. Blanks and a line number are no words."""
    wanted = {_blank(said), _blank(_NUMBER.sub("", said))}
    for source, number, line in _lines(evidence):
        there = _blank(line)
        if any(one == there or (len(one) >= _LEAST_CITED and one in there) for one in wanted if one):
            return Citation(source, number, line.strip())
    return None


def sentence(value: Any) -> str:
    """A model's text on one line, printable, and not too long."""
    return one_line(value, _MOST_TEXT) if isinstance(value, str) else ""


def _lines(evidence: Sequence[Evidence]) -> Iterator[tuple[str, int, str]]:
    for each in evidence:
        for number, line in each.numbered().items():
            yield each.source, number, line
        for hit in each.hits:
            yield hit.source, hit.line, hit.text


def _blank(text: str) -> str:
    return " ".join(text.split())


def _class(value: Any) -> Class:
    said = re.sub(r"[\s_-]+", " ", value).strip().lower() if isinstance(value, str) else ""
    near = [each for each in Class if said in (each.value, each.name.lower())]
    if not near:
        raise Unusable(f"class is one of: {', '.join(each.value for each in Class)}")
    return near[0]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        value = [value]
    return [one for one in value if isinstance(one, str) and one.strip()] if isinstance(value, list) else []


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Unusable("sure is a number from 0 to 1")
    return float(value)


def _found(text: str) -> Any:
    """The first JSON object in a text; None where there is none."""
    decoder = json.JSONDecoder()
    at, tries = text.find("{"), 0
    while at >= 0 and tries < 5:  # noqa: PLR2004 - who writes more braces than that around it answers something else
        try:
            return decoder.raw_decode(text, at)[0]
        except (ValueError, RecursionError):
            at, tries = text.find("{", at + 1), tries + 1
    return None
