"""Whether a failure keeps its fingerprint under other names, and two get two: ``python -m benchmarks.likeness``.

Each labelled failure is told again as another sample's, on another host, in another folder, at another time; its
fingerprint should stay. Any two cases that differ in label, or in the words of their root line, should differ.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from benchmarks.score import OWN, Answer, judged, share

from heal.cli.desk import desk
from heal.records import Diagnosis
from heal.steps.diagnose import fingerprint

_WORDS = re.compile(r"[A-Za-z]{3,}")
_PATH = re.compile(r"(?<![\w.])/[\w.+-]+(?:/[\w.+-]+)+")
_NUMBER = re.compile(r"\d+")
_LETTERS = "abcdefghkmnpqrstuvwxyz"


def main(folders: Sequence[Path]) -> None:
    answers = [answer for answer in judged(desk(), folders) if answer.failed and answer.found.root]
    again = [told_again(answer, random.Random(answer.name)) for answer in answers]  # noqa: S311 - no secret
    prints = [of(answer) for answer in answers]
    joined = [one == of(other) for one, other in zip(prints, again, strict=True)]
    print(f"one failure told twice is one      {share(joined)}")
    pairs = combinations(zip(answers, prints, strict=True), 2)
    apart = [first != second for (one, first), (other, second) in pairs if differ(one, other)]
    print(f"two failures are two               {share(apart)}")
    lost = Counter(one.label for one, same in zip(answers, joined, strict=True) if not same)
    print(
        "told twice and taken for two, by label: " + (", ".join(f"{n} {label}" for label, n in lost.items()) or "none")
    )


def of(answer: Answer) -> str:
    return fingerprint(answer.case, answer.found)


def differ(one: Answer, other: Answer) -> bool:
    """True where label or words of the root line differ; memory and time are one failure in any words."""
    if one.label != other.label:
        return True
    return one.label not in ("out_of_memory", "time_limit") and said(one.found) != said(other.found)


def said(found: Diagnosis) -> set[str]:
    return {word.lower() for word in _WORDS.findall(_PATH.sub("", found.root.text if found.root else ""))}


def told_again(answer: Answer, chance: random.Random) -> Answer:
    """The same with other folders and numbers in its root line."""
    root = answer.found.root
    assert root
    text = _PATH.sub(lambda _found: folder(chance), root.text)
    text = _NUMBER.sub(lambda found: number(found[0], chance), text)
    return replace(answer, found=replace(answer.found, root=replace(root, text=text)))


def folder(chance: random.Random) -> str:
    return "".join(f"/{''.join(chance.choices(_LETTERS, k=chance.randint(3, 9)))}" for _ in range(chance.randint(2, 5)))


def number(old: str, chance: random.Random) -> str:
    """Another number of about the size; a single digit may be the version or the code that tells failures apart."""
    return old if len(old) == 1 else str(chance.randint(10 ** (len(old) - 1), 10 ** len(old) - 1))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [OWN[0]])
