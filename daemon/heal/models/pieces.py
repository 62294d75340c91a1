"""What comes in while a model answers: each piece, and when it is time to stop listening."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from heal.models.failures import Failure

# servers say "stop" for an answer that the model ended itself; a few say it in other words
_WELL = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_CUT = "length"
_ENDS = {
    _CUT: "it was cut short: the model wrote to the last token it was allowed",
    "content_filter": "the server's filter withheld it",
    "tool_calls": "it called a tool, and has none",
    "function_call": "it called a function, and has none",
}
MOST_BLANK = 2048
# the tail that is looked at for a unit said over and over, and the longest such unit
_TAIL, _LONGEST_UNIT = 8192, 2048
# of an answer that was cut short: the last half is looked at, where that is enough to tell a loop by, for a unit that
# stands in it so many times
_ENOUGH, _OFTEN = 64, 4
_EVERY = 4096
_LONGEST_REASON = 300
_BYTES_A_TOKEN = 32
_THINKS, _THOUGHT_ENDS = "<think>", "</think>"
_THOUGHT = re.compile(rf"\A\s*{_THINKS}.*?{_THOUGHT_ENDS}\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Usage:
    """The server's own count; None where it gives none."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cached: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk holds: some text of the answer, some of a thought before it, the reason it ended, the count."""

    text: str = ""
    thought: str = ""
    finish: str = ""
    usage: Usage | None = None


def piece(chunk: object) -> Piece:
    """Read a chunk of a stream, or a whole answer of a server that does not stream. Raises ``Failure``."""
    if not isinstance(chunk, Mapping):
        raise Failure(f"it gave no answer but {str(chunk)[:80]!r}", trouble=True)
    choices = chunk.get("choices")
    if (wrong := chunk.get("error")) and not choices:
        words = wrong.get("message") if isinstance(wrong, Mapping) else wrong
        raise Failure(f"it broke off: {' '.join(str(words).split())[:_LONGEST_REASON]}", trouble=True)
    first = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(first, Mapping):
        raise Failure("it gave no answer but a list of something else", trouble=True)
    said = first.get("delta") or first.get("message") or {}
    if not isinstance(said, Mapping):
        raise Failure("it gave no answer but something that is no message", trouble=True)
    thought = said.get("reasoning_content") or said.get("reasoning") or ""
    return Piece(_text(said.get("content")), _text(thought), _text(first.get("finish_reason")), _usage(chunk))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _usage(chunk: Mapping[str, Any]) -> Usage | None:
    found = chunk.get("usage")
    if not isinstance(found, Mapping):
        return None
    details, timings = found.get("prompt_tokens_details"), chunk.get("timings")
    # OpenAI and vLLM; DeepSeek; llama.cpp
    cached = (
        details.get("cached_tokens") if isinstance(details, Mapping) else None,
        found.get("prompt_cache_hit_tokens"),
        timings.get("cache_n") if isinstance(timings, Mapping) else None,
    )
    known = next((each for each in map(_count, cached) if each is not None), None)
    return Usage(_count(found.get("prompt_tokens")), _count(found.get("completion_tokens")), known)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


class Hearing:
    """Listens to one answer. ``clock`` counts seconds.

    ``heard`` is given each piece of text as it comes; a thought before the answer is none of it.
    """

    def __init__(self, most_tokens: int, heard: Callable[[str], None] | None, clock: Callable[[], float]) -> None:
        self._most_bytes = (most_tokens + 1024) * _BYTES_A_TOKEN
        self._heard = heard
        self._clock = clock
        self._texts: list[str] = []
        self._tail = self._held = ""
        self._speaks = False
        self._size = self._looked_at = 0
        self._finish = ""
        self.usage = Usage()
        self.first_at: float | None = None

    @property
    def text(self) -> str:
        """All the text so far."""
        return "".join(self._texts)

    @property
    def began(self) -> bool:
        """True when something of an answer, or of a thought before it, has come."""
        return self.first_at is not None

    @property
    def _answers(self) -> bool:
        """True when it is more than a thought that came: no grammar is held against one."""
        return bool(self._texts)

    @property
    def ended(self) -> bool:
        """True when the server has said why the answer ended."""
        return bool(self._finish)

    def take(self, chunk: object) -> None:
        """Listen to a chunk. Raises ``Failure`` where it makes no sense to go on listening."""
        got = piece(chunk)
        self.usage = got.usage or self.usage
        self._finish = got.finish or self._finish
        if self.first_at is None and (got.text or got.thought):
            self.first_at = self._clock()
        if got.text:
            self._texts.append(got.text)
            self._tell(got.text)
        self._judge(got.text or got.thought)

    def _tell(self, new: str) -> None:
        if not self._speaks:
            self._held += new
            new = _spoken(self._held)
            self._speaks = bool(new)
        if self._heard and new:
            self._heard(new)

    def _judge(self, new: str) -> None:
        self._size += len(new)
        self._tail = (self._tail + new)[-_TAIL:]
        if len(self._tail) >= MOST_BLANK and not self._tail[-MOST_BLANK:].strip():
            raise Failure(f"it went on with nothing but blanks ({MOST_BLANK} of them)", loops=self._answers)
        if self._size > self._most_bytes:
            raise Failure("it went on for longer than it was allowed")
        if self._size - self._looked_at >= _EVERY:
            self._looked_at = self._size
            if _repeats(self._tail):
                raise Failure("it said the same over and over", loops=self._answers)

    def whole(self) -> str:
        """The answer, without a thought before it. Raises ``Failure`` where it is none."""
        if self._finish not in _WELL:
            why = _ENDS.get(self._finish) or _broken(self._finish, began=self.began)
            loops = self._finish == _CUT and _ends_in_a_loop(self.text)
            raise Failure(why, trouble=not self._finish, loops=loops)
        text = _THOUGHT.sub("", self.text, count=1)
        if not text.strip():
            raise Failure("it was empty")
        if not self._speaks and self._heard:
            self._heard(text)
        return text


def _spoken(begin: str) -> str:
    """What of the beginning of an answer can be handed on: no thought, nor what may become one."""
    words = begin.lstrip()
    if words.startswith(_THINKS):
        return _THOUGHT.sub("", begin, count=1) if _THOUGHT_ENDS in words else ""
    return "" if _THINKS.startswith(words) else begin


def _broken(finish: str, *, began: bool) -> str:
    if finish:
        return f"it ended for a reason that is not known: {finish[:40]!r}"
    return "the stream ended before the answer did" if began else "the server gave no answer at all"


def _repeats(tail: str) -> bool:
    """True where all of a long tail is one unit, over and over."""
    return len(tail) >= _TAIL and _unit(tail) <= _LONGEST_UNIT


def _ends_in_a_loop(text: str) -> bool:
    """True where the last half of an answer is blanks, or one unit over and over."""
    half = text[len(text) // 2 :][-_TAIL:]
    return len(half) >= _ENOUGH and (not half.strip() or _unit(half) * _OFTEN <= len(half))


def _unit(tail: str) -> int:
    """How long the shortest unit is that a text is made of, the last one maybe in part."""
    # the shortest unit, in one pass, as Knuth, Morris and Pratt find it
    borders, border = [0], 0
    for letter in tail[1:]:
        while border and letter != tail[border]:
            border = borders[border - 1]
        border += letter == tail[border]
        borders.append(border)
    return len(tail) - border
