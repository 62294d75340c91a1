"""How a shell text works on less than before: programs that choose, and lists of which not all is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

# options by which programs of the field read a part, or leave records out
_FEWER = re.compile(
    r"--?(?:reads[-_]to[-_]process|max[-_]?reads|limit|sub[-_]?sampl\w*|down[-_]?sampl\w*|exclude\w*|skip[-_]\w+|drop\w*"
    r"|stop[-_]after|top|first|head|n[-_]?records|max[-_]?records|include|regions?|targets?)(?:[-_]\w+)*(?:=.*)?"
)
_CHOOSE = {
    "samtools": re.compile(r"(?:^| )view .*?(?<!\S)-\w*[sFfqLeG](?![a-z])"),
    "bcftools": re.compile(r"(?:^| )(?:view|filter|query|norm|concat) .*?(?<!\S)-\w*[ieftrTR]\b"),
    "seqtk": re.compile(r"^(?:sample|subseq)\b"),
    "seqkit": re.compile(r"^(?:sample|head|grep|range|rmdup)\b"),
    "bedtools": re.compile(r"^(?:sample|subtract)\b"),
    "sort": re.compile(r"(?:^| )-\w*u|--unique"),
    "uniq": re.compile(r"^(?!.*-\w*c)"),
    "unset": re.compile(r"\["),
}
_ALL = re.compile(r"\$\{\w+\[[@*]\]\}|\$[@*]|\$\{[@*]\}")
_AWK_CHOOSES = re.compile(r"\s*(?!BEGIN\b|END\b|function\b)[^{}\s][^{}]*(?:\{|\s*$)")
_COMPARING = frozenset({"diff", "cmp", "comm"})
_STRICT = re.compile(
    r"--(?:strict|validate|verify|check|fail|abort|require|paranoid|assert|exit[-_]on|error[-_]on)(?:[-_]\w+)*(?:=.*)?"
)
_LENIENT = re.compile(
    r"(?i)validation[-_]stringency[= ]+(?:silent|lenient)|(?:^|\s)--(?:no-valid\w*|lenient|max-errors)\b|--skip-errors?"
)


def traits(commands: Sequence[Command]) -> Iterator[Trait]:
    """Each by its kind: another choice by the same program is the values' matter."""
    for command in commands:
        name, args = command.name, command.arguments
        words = args if "for" not in command.lead else command.words[2:]
        yield from (_trait("hide.part_gone", "all of a list", command) for word in words for _ in _ALL.findall(word))
        if "for" in command.lead:
            yield from (_trait("hide.part_gone", "an item of a loop", command) for _ in command.words[2:])
        for word in command.assignments:
            if listed := re.match(r"\w+=\(([^()]*)\)$", word, re.DOTALL):
                yield from (_trait("hide.part_gone", "an item of a list", command) for _ in listed[1].split())
        if (choose := _CHOOSE.get(name)) and choose.search(" ".join(args)):
            yield _trait("hide.skip", f"{name} that chooses", command)
        if name and name not in _CHOOSE:
            yield from (_trait("hide.skip", f"{name} {word}", command) for word in args if _FEWER.fullmatch(word))
        yield from _picks(command)
        yield from of_options(command)


def _picks(command: Command) -> Iterator[Trait]:
    """Lines that are kept, where they go on: into a file, or to another program."""
    name, args = command.name, command.arguments
    goes_on = command.after in {"|", "|&"} or any(how in {">", ">>", "1>"} for how, _ in command.redirects)
    kept = not any(re.match(r"-\w*[cqlLvoP]", word) for word in args)
    if name in {"grep", "egrep", "zgrep"} and kept and goes_on and not command.inner and "/dev/null" not in args:
        yield _trait("hide.skip", "grep that chooses", command)
    if name in {"awk", "gawk", "mawk"}:
        programs = [word for word in args if "{" in word or re.search(r"[<>=!~]", word)]
        joins = any("NR==FNR" in word.replace(" ", "") for word in programs)
        if programs and not joins and _AWK_CHOOSES.match(programs[-1]):
            yield _trait("hide.skip", "awk that chooses", command)
    files = [word for word in args if not word.startswith("-")]
    if name in _COMPARING and len(files) > 1 and len(set(files)) == 1:
        yield _trait("hide.check_true", command.text, command)


def of_options(command: Command) -> Iterator[Trait]:
    """Options that make a program stricter, which are missed, or more lenient."""
    for word in command.arguments:
        if _STRICT.fullmatch(word) and not re.search(r"(?:=|-)(?:no|false|0|none)$", word):
            yield _trait("hide.check_changed", f"{command.name} {word.partition('=')[0]}", command)
    if lenient := _LENIENT.search(" ".join(command.arguments)):
        yield _trait("hide.keep_going", lenient[0].lower().strip(" -"), command)


def _trait(rule: str, key: str, command: Command) -> Trait:
    return Trait(HIDING[rule], key, command.line)
