"""What a patch is called, and why it is made: a model's words where they name only what is known, else heal's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from heal.chain.answer import Triage
from heal.chain.assignment import Assignment
from heal.chain.judging import Unusable, mapping, sentence
from heal.dialogue import Reply
from heal.patch import Patch, Trial

MOST_SUBJECT = 72
_LEAST_SUBJECT = 8
# what is a name, a number, a path: a word that somebody could have made up
_TELLING = re.compile(r"[\w./:@+-]*(?:\d|[a-z][A-Z]|[\w-]+[./_:][\w-]+|[A-Z]{3,})[\w./:@+-]*(?:\(\))?")
# as people name things: np.float is one
_WORD = re.compile(r"[\w.]+|\S")
# letters of all writings but the Latin and the Greek one, which formulas are written in too
_WRITING = re.compile(r"[\u0400-\u1cff\u2e80-\ua4cf\ua960-\uabff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+")
_TRIED = re.compile(r"\b(?:tested|verified|confirmed|proven|passes|passed|guarantee\w*|works now)\b", re.IGNORECASE)


def cause(about: Assignment, triage: Triage) -> str:
    """The cause in a sentence: heal's own, or triage's where heal has none and triage's names nothing it made up."""
    if about.diagnosis.by != "nobody":
        return about.diagnosis.cause
    shown = [source.text for source in about.sources]
    lines = [passage.text for each in about.evidence for passage in each.passages]
    said = sentence(triage.cause)
    unfit = not said or _invented(said, [*shown, *lines]) or _unread(said, [*shown, *lines])
    return about.diagnosis.cause if unfit else said


def plain(about: Assignment, paths: Iterable[str], cause: str = "", change: str = "") -> tuple[str, str]:
    """Subject and reason by rules alone. ``change``: what it does in a few words, where that is known."""
    names = list(dict.fromkeys(paths))
    where = names[0] if len(names) == 1 else f"{len(names)} files"
    what = sentence(cause or about.diagnosis.cause).rstrip(".") or "the failure"
    short = change or what
    subject = _cut(f"{about.process}: {short}" if about.process else short) or f"Heal {where}"
    why = [f"{what}.", f"Changed: {', '.join(names)}."]
    if root := about.diagnosis.root:
        why.append(f"Shown by {root.source}{f':{root.line}' if root.line else ''}: {sentence(root.text)}")
    return subject, "\n".join(why)


def renamed(before: str, after: str) -> str:
    """``total → totals``, where one word in place of another is all that a change does; else empty."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) != len(new):
        return ""
    words = [(_WORD.findall(one), _WORD.findall(other)) for one, other in zip(old, new, strict=True) if one != other]
    if any(len(one) != len(other) for one, other in words):
        return ""
    changed = {pair for one, other in words for pair in zip(one, other, strict=True) if pair[0] != pair[1]}
    return " → ".join(changed.pop()) if len(changed) == 1 else ""


def written(
    reply: Reply, known: Sequence[str], trials: Sequence[Trial], placeholder: str = "", asked: Sequence[str] = ()
) -> tuple[str, str]:
    """Subject and reason by a model. ``known``: all texts it may name things of; ``asked``: what it was asked with.

    Raises Unusable where the subject does not fit, something is said that no text holds, something hidden is named, or
    it is written in letters of which no text holds any.
    """
    data = mapping(reply)
    subject, why = sentence(data.get("subject")).rstrip("."), sentence(data.get("why"))
    if not _LEAST_SUBJECT <= len(subject) <= MOST_SUBJECT:
        raise Unusable(f"subject has {_LEAST_SUBJECT} to {MOST_SUBJECT} characters, this one {len(subject)}")
    if not why:
        raise Unusable("why is empty")
    if placeholder and re.search(placeholder, f"{subject} {why}"):
        raise Unusable("it names something that is hidden")
    if unread := _unread(f"{subject} {why}", (*known, *asked)):
        raise Unusable(f"{unread[:20]!r}: nothing that was shown is in such letters; answer in the question's language")
    if invented := _invented(f"{subject} {why}", known):
        raise Unusable(f"{invented[:80]!r} stands in nothing that was shown")
    if _TRIED.search(f"{subject} {why}") and not any(one.passed for one in trials):
        raise Unusable("it says that the change was tested, and it was not")
    return subject, why


def known_to(about: Assignment, patch: Patch, diff: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    """All texts that a message may name things of."""
    facts = [about.process, about.engine, about.diagnosis.cause, about.diagnosis.explanation, diff]
    lines = [passage.text for each in about.evidence for passage in each.passages]
    cited = [one.text for one in (*about.diagnosis.citations, *filter(None, (about.diagnosis.root,)))]
    return (*facts, *lines, *cited, *(edit.path for edit in patch.edits), *more)


def _invented(text: str, known: Sequence[str]) -> str:
    there = "\n".join(known).lower()
    said = (found[0].strip(".:,-+@/").removesuffix("()").lower() for found in _TELLING.finditer(text))
    return next((one for one in said if one and one not in there), "")


def _unread(text: str, shown: Sequence[str]) -> str:
    """The first letters of another writing; empty where there are none, or something that was shown has some too."""
    found = _WRITING.search(text)
    return found[0] if found and not any(map(_WRITING.search, shown)) else ""


def _cut(text: str) -> str:
    if len(text) <= MOST_SUBJECT:
        return text
    return text[: MOST_SUBJECT - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"
