"""How often the line that proves the cause is in what the distiller leaves: ``python -m benchmarks.recall [FOLDER…]``.

A case counts where its ``root`` line stands, whitespace aside, in at most 4,000 tokens: with the lines that the
diagnosis marked, and without any.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.score import OWN, Answer, judged
from training.examples import proofs, root_lines

from heal.cli.desk import Desk, desk
from heal.evidence.distil import TOKENS, distil
from heal.evidence.distillate import Distillate
from heal.evidence.keeping import marks_of
from heal.steps.diagnose import diagnose

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Recall:
    """Of the cases that have a root line, the share whose distillate shows it, and the names of the others."""

    cases: int
    missing: tuple[str, ...]
    most_tokens: int
    seconds: float

    @property
    def share(self) -> float:
        """From 0 to 1; 1 where there is nothing to find."""
        return 1 - len(self.missing) / self.cases if self.cases else 1.0


def recall(answers: Iterable[Answer], *, marked: bool, tokens: int = TOKENS) -> Recall:
    """How many of the cases keep their root line."""
    found = [answer for answer in answers if root_lines(answer.truth)]
    missing: list[str] = []
    most, started = 0, time.perf_counter()
    for answer in found:
        made = distil(answer.case.evidence, marks_of(answer.found) if marked else (), tokens=tokens)
        most = max(most, made.tokens)
        if not shows(made, root_lines(answer.truth)[0]):
            missing.append(answer.name)
    return Recall(len(found), tuple(missing), most, time.perf_counter() - started)


def shows(made: Distillate, line: str) -> bool:
    """Whether the line stands in the text, whitespace and colours aside."""
    line = _COLOURS.sub("", line)
    return " ".join(line.strip("… ").split()) in " ".join(made.text.split())


def buried(at: Desk, answers: Iterable[Answer]) -> Iterator[Answer]:
    """The cases again, the log with the root line between two storms and before a cascade of what follows."""
    storm = "".join(
        f"2026-03-01 12:00:{n % 60:02} WARN sample S{n}: {n * 7} reads miss a mate, error rate 0.{n}\n"
        if n % 3
        else f"2026-03-01 12:00:{n % 60:02} INFO chunk {n} of 20000 done, residual {1 / (n + 1):.9f}\n"
        for n in range(20_000)
    )
    cascade = "".join(f"ERROR stage {n}: job failed, no result of stage {n - 1}\n" for n in range(1, 200))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        for answer in answers:
            source = next((one["source"] for one in proofs(answer.truth)), "")
            path = next((found for root in OWN if (found := root / answer.name / source).is_file()), None)
            if path and any(one.source == source and one.passages for one in answer.case.evidence):
                log.write_bytes(storm.encode() + path.read_bytes() + b"\n" + storm.encode() + cascade.encode())
                deep = at.scanner.read(log, source=source)
                seen = tuple(deep if one.source == source else one for one in answer.case.evidence)
                case = replace(answer.case, evidence=seen)
                yield replace(answer, case=case, found=diagnose(case, at.library))


def main(folders: Sequence[Path]) -> None:
    at = desk()
    answers = list(judged(at, folders))
    deep = list(buried(at, answers))
    for name, some, tokens in (
        ("as they are", answers, TOKENS),
        ("as they are", answers, TOKENS // 4),
        ("between storms", deep, TOKENS),
    ):
        for marked in (True, False):
            got = recall(some, marked=marked, tokens=tokens)
            print(
                f"{name}, {'with the marks of the diagnosis' if marked else 'without any mark'}, {tokens:,} tokens: "
                f"{100 * got.share:.1f} % of {got.cases}, at most {got.most_tokens:,} tokens, "
                f"{1e3 * got.seconds / max(got.cases, 1):.1f} ms a case; missing: {' '.join(got.missing) or '-'}"
            )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or list(OWN))
