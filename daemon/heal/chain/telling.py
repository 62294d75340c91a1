"""An answer of the chain as people read it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from heal.chain.answer import Answer, Turn
from heal.chain.trying import trial_words
from heal.patch import Draft, reruns_of

_MOST_SAID = 1200


def lines(answer: Answer, *, said: bool = False) -> Iterator[str]:
    """The page, line by line: what it came to, what was thought of it, what it took; ``said``: the models' words too.

    What could steer a terminal is shown as an escape: much of it are words of models and of programs.
    """
    for line in _lines(answer):
        yield from _shown(line)
    if said:
        yield ""
        for turn in answer.turns:
            yield from _turn(turn)


def _lines(answer: Answer) -> Iterator[str]:
    yield _head(answer)
    yield from (f"  {why}" for why in answer.why)
    if answer.draft:
        yield f"  changes {', '.join(answer.draft.files)} on {answer.draft.branch}: {answer.draft.subject}"
    if answer.sized:
        yield f"size: {answer.sized.size} ({answer.sized.why})"
    if answer.triage:
        found = answer.triage
        yield f"triage: {found.kind}, sure {found.sure:.2f}, by {found.by}: {found.cause}"
        yield from (f"  > {one.text}      {one.source}:{one.line}" for one in found.citations)
    yield from (f"tried: {words}" for words in trial_words(answer.trials))
    if reruns := reruns_of(answer.trials):
        yield f"runs again: {reruns}"
    yield from (f"{one.verdict}: {one.path}: {one.why}" for one in answer.objections)
    for one in answer.reviews:
        says = "refused" if one.refuses else "more than asked" if one.more else "good"
        yield f"{one.role} ({one.by}): {says}: {one.why}"
    yield (
        f"{answer.rounds} round{'s' if answer.rounds != 1 else ''}, {answer.tokens} tokens, "
        f"models {answer.seconds.models:.1f} s, checks {answer.seconds.checks:.1f} s, heal {answer.seconds.own:.2f} s"
        f"{' · ' if answer.models else ''}{', '.join(answer.models)}"
    )


def shape(answer: Answer) -> dict[str, Any]:
    """The documented shape of ``heal chain run --json`` (docs/chain.md)."""
    return {
        "draft": _kept(answer.draft) if answer.draft else None,
        "why": list(answer.why),
        "asks": answer.asks,
        "later": answer.later,
        "trials": [asdict(one) for one in answer.trials],
        "objections": [asdict(one) for one in answer.objections],
        "reviews": [asdict(one) for one in answer.reviews],
        "triage": asdict(answer.triage) if answer.triage else None,
        "size": asdict(answer.sized) if answer.sized else None,
        "models": list(answer.models),
        "rounds": answer.rounds,
        "tokens": answer.tokens,
        "seconds": {name: round(took, 3) for name, took in asdict(answer.seconds).items()},
        "turns": [asdict(one) for one in answer.turns],
    }


def _kept(draft: Draft) -> dict[str, Any]:
    texts = {name: str(getattr(draft, name)) for name in ("branch", "commit", "base", "worktree", "subject", "why")}
    return {**texts, "files": list(draft.files)}


def _head(answer: Answer) -> str:
    if answer.draft is None:
        return "no fix, ask again later" if answer.later else "no fix"
    return "a fix, and a person has to say yes" if answer.asks else "a fix"


def _turn(turn: Turn) -> Iterator[str]:
    where = f"{turn.role}{f', round {turn.round}' if turn.round else ''}{f', {turn.model}' if turn.model else ''}"
    yield from _shown(f"── {where} · {turn.made}")
    cut = turn.said if len(turn.said) <= _MOST_SAID else f"{turn.said[:_MOST_SAID]} …"
    yield from (f"   {line}" for line in _shown(cut))


def _shown(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)
