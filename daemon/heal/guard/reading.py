"""One file read in its language, and what is written in others within it: traits, values, and whether it parses."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from heal.guard import (
    config_rules,
    groovy_rules,
    groovy_scripts,
    no_longer,
    patterns,
    python_fallbacks,
    python_hiding,
    python_powers,
    python_results,
    r_rules,
    shell_fragments,
    shell_rules,
    snakemake_rules,
    snakemake_targets,
    snakemake_texts,
    statistics,
    value_words,
    values,
    words,
)
from heal.guard.batch import batch_lines, shell_code, unclosed
from heal.guard.command import Command
from heal.guard.here_documents import HereDocument
from heal.guard.kinds import Language, language_of
from heal.guard.lexer import code_only, folded, tokens, unbalanced
from heal.guard.marks import LONGEST_LINE
from heal.guard.no_longer import Doing
from heal.guard.notebooks import Chunk, cells, chunks
from heal.guard.patterns import Pattern
from heal.guard.powers import POWERS
from heal.guard.programs import SHELLS
from heal.guard.python_names import Names, text_of
from heal.guard.python_text import dedented, parsed
from heal.guard.rules import Trait
from heal.guard.shell import commands
from heal.guard.values import Value
from heal.records import Verdict

_PROGRAM_TEXT = re.compile(
    r"(?:os\.(?:system|popen)|subprocess\.\w+|shell|snakemake\.shell(?:\.shell)?|asyncio\.create_subprocess_shell)"
)
# what an engine or a shell puts into a text: names alone, so that no code between two braces is taken for one
_FILLED_IN = re.compile(r"(?<!\\)\$(?:\{[\w.\[\]@*#%/:,^+-]+\}|[a-zA-Z_]\w*)")
_COMPUTED = re.compile(r"(?<!\\)(?:\$\((?!\()|`[^`]*`)")
_SHEBANG = re.compile(r"\s*#!\s*(?:/\S*/)?(?:env\s+(?:-S\s+)?)?(\w+)")


@dataclass(slots=True)
class Reading:
    """What one text does and says. ``trouble`` is why it does not parse, ``meaning`` what runs."""

    language: Language
    traits: list[Trait] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    trouble: str = ""
    tree: ast.Module | None = None
    meaning: Any = None
    code: str = ""
    path: str = ""
    commands: list[Command] = field(default_factory=list)
    patterns: list[Pattern] = field(default_factory=list)
    computes: Counter[str] = field(default_factory=Counter)
    doing: Doing = field(default_factory=Doing)


def read(path: str, text: str) -> Reading:
    """The text read as what its name and first line say it is. Never raises for what the text holds."""
    reading = Reading(language_of(path, text), path=path)
    text = "\n".join(line if len(line) <= LONGEST_LINE else "" for line in text.split("\n"))
    try:
        _READERS[reading.language](reading, text)
    except RecursionError:
        reading.trouble = "it is nested too deeply to be read"
    return reading


# --- Python and Snakemake ------------------------------------------------------------------------


def _python(reading: Reading, text: str) -> None:
    snakemake = reading.language is Language.SNAKEMAKE
    tree, reading.trouble = parsed(text, snakemake=snakemake)
    code = code_only(text, Language.PYTHON)
    reading.traits += words.places(folded(code))
    reading.patterns += patterns.of_strings(text, Language.PYTHON)
    if tree is None:
        reading.traits += r_rules.of_other(text)
        return
    _of_tree(reading, tree, code)
    if snakemake:
        reading.traits += [
            *snakemake_rules.traits(tree),
            *snakemake_targets.traits(tree),
            *snakemake_texts.traits(tree),
        ]
        found, made = snakemake_rules.inputs(tree)
        reading.values += found
        reading.made |= made
        for shell, line in snakemake_rules.shells(tree):
            _shell(reading, shell, line)
    reading.tree = tree
    reading.meaning = ast.dump(tree)


def _of_tree(reading: Reading, tree: ast.Module, code: str) -> None:
    reading.traits += python_powers.traits(tree, code)
    reading.traits += python_hiding.traits(tree)
    reading.traits += [*python_results.traits(tree), *python_fallbacks.traits(tree)]
    reading.values += values.of_python(tree)
    reading.computes += statistics.of_python(tree)
    reading.doing.add(no_longer.of_python(tree))
    names = Names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _PROGRAM_TEXT.fullmatch(names.dotted(node.func)):
            text = text_of(node.args[0])
            if text:
                _shell(reading, text.replace("{{", "{").replace("}}", "}"), node.args[0].lineno)


# --- shell ---------------------------------------------------------------------------------------


def _bash(reading: Reading, text: str) -> None:
    first = text.split("\n", 1)[0]
    flags = re.search(r"\s-(\w+)", first) if first.startswith("#!") else None
    found, trouble = commands(text)
    reading.trouble = trouble or unclosed(found)
    _shell(reading, (f"set -{flags[1]}\n" if flags else "") + text, 0 if flags else 1)
    reading.traits += words.places(shell_code(text))
    reading.traits += (Trait(one.rule, one.key, one.line) for one in batch_lines(text))
    reading.meaning = [
        (one.text, one.before, one.lead, *map(_meant, one.given))
        for one in found
        if one.words or one.redirects or one.lead
    ]
    reading.meaning += [first, *(line for line in text.split("\n") if re.match(r"#(?:SBATCH|PBS|BSUB|\$)", line))]


def _shell(reading: Reading, text: str, line: int) -> None:
    if (other := _SHEBANG.match(text)) and other[1] not in {"bash", "sh", "dash", "zsh", "ksh"}:
        _script(reading, text, line, other[1])
        return
    found, _ = commands(text, line)
    reading.traits += shell_rules.traits(found)
    reading.values += values.of_shell(found)
    reading.commands += found
    reading.doing.loops += sum(bool({"for", "while", "until"} & {*one.lead}) for one in found)
    reading.patterns += patterns.of_commands(found)
    for here in (here for command in found for here in command.given):
        if here.program and here.program not in SHELLS:
            _script(reading, here.text, here.line, here.program)
            computed = _COMPUTED.findall(here.text) if here.expands else ()
            reading.traits += (Trait(POWERS["power.code"], f"{here.program} <<", here.line) for _ in computed)


def _meant(here: HereDocument) -> str:
    tree = parsed(dedented(here.text))[0] if here.program.startswith("python") else None
    return ast.dump(tree) if tree else here.text


def _script(reading: Reading, text: str, line: int, program: str) -> None:
    """A script of another language within a script: Nextflow's ``#!/usr/bin/env python3``."""
    if program.startswith("python"):
        _inner_python(reading, text, line)
        return
    inner = r_rules.traits(text) if program in {"Rscript", "R"} else r_rules.of_other(text)
    reading.traits += (Trait(one.rule, one.key, one.line + line - 1) for one in inner)


def _inner_python(reading: Reading, text: str, line: int) -> None:
    """Python within another text, indented as that is; what of it cannot be read is said, and its words count."""
    tree, trouble = parsed("\n" * max(0, line - 1) + dedented(_FILLED_IN.sub("filled_in", text).replace("\\$", "$")))
    if tree:
        _of_tree(reading, tree, "")
    if trouble:
        reading.trouble = reading.trouble or trouble
        words = (one for one in r_rules.of_other(text) if one.rule.side == "came")
        reading.traits += (Trait(one.rule, one.key, one.line + line - 1) for one in words)


# --- Groovy, R, data -----------------------------------------------------------------------------


def _groovy(reading: Reading, text: str) -> None:
    reading.trouble = unbalanced(text, Language.GROOVY)
    code = folded(code_only(text, Language.GROOVY))
    reading.traits += groovy_rules.traits(text)
    reading.code = groovy_scripts.outside(text)
    reading.traits += words.places(code)
    reading.values += [*value_words.of_words(reading.code), *value_words.of_switches(reading.code)]
    reading.patterns += patterns.of_strings(text, Language.GROOVY)
    lines = text.split("\n")
    for one in groovy_scripts.strings(text):
        if groovy_scripts.selects(one, lines):
            continue
        reading.traits += shell_fragments.options(one.text, one.line)
        if one.sure:
            _shell(reading, one.text, one.line)
        elif re.search(r"[;|&`]|\$\(", one.text):
            found, _ = commands(one.text, one.line)
            reading.traits += (
                trait
                for trait in shell_rules.traits(found)
                if trait.rule.verdict is Verdict.REFUSE and trait.rule.side == "came"
            )
    reading.meaning = [token.text for token in tokens(text, Language.GROOVY) if token.kind not in {"comment", "space"}]


def _r(reading: Reading, text: str) -> None:
    reading.trouble = unbalanced(text, Language.R)
    code = folded(code_only(text, Language.R))
    reading.code = code
    reading.patterns += patterns.of_strings(text, Language.R)
    reading.traits += [*r_rules.traits(text), *words.places(code)]
    reading.values += [*value_words.of_words(code), *values.of_arithmetic(code)]
    reading.computes += statistics.of_words(text, Language.R)
    reading.doing.add(no_longer.of_r(code))
    reading.meaning = [
        token.text for token in tokens(text, Language.R) if token.kind not in {"comment", "space"} or "\n" in token.text
    ]
    reading.meaning = [
        text
        for text, last in zip(reading.meaning, ["", *reading.meaning], strict=False)
        if text.strip() or last.strip()
    ]


def _rmd(reading: Reading, text: str) -> None:
    for chunk in chunks(text):
        _take_in(reading, chunk)
    reading.meaning = text


def _take_in(reading: Reading, chunk: Chunk) -> None:
    inner = Reading(chunk.language)
    if chunk.language in {Language.R, Language.PYTHON, Language.BASH}:
        _READERS[chunk.language](inner, chunk.text)
    reading.traits += [*chunk.traits, *inner.traits]
    reading.values += inner.values
    reading.patterns += inner.patterns
    reading.computes += inner.computes
    reading.doing.add(inner.doing)
    reading.trouble = reading.trouble or inner.trouble
    reading.tree = reading.tree or inner.tree
    reading.code += inner.code


def _data(reading: Reading, text: str) -> None:
    if reading.language is Language.YAML:
        reading.traits += config_rules.tags(text)
    try:
        data = config_rules.loaded(text, reading.language)
    except ValueError as error:
        reading.trouble = str(error)
        return
    reading.traits += [
        *config_rules.traits(data, text, reading.path),
        *words.places(re.sub(r"(?m)(?:^|\s)#.*", "", text)),
    ]
    reading.values += config_rules.values(data, text)
    reading.patterns += patterns.of_settings((one.name, one.value, one.line) for one in config_rules.values(data, text))
    reading.meaning = repr(data)


def _other(reading: Reading, text: str) -> None:
    code = folded(code_only(text, Language.OTHER))
    reading.code = reading.code or code
    reading.traits += config_rules.listed(text, reading.path)
    if reading.path.endswith(".ipynb"):
        for chunk in cells(text):
            _take_in(reading, chunk)
    reading.traits += [*r_rules.of_other(text), *words.places(code)]
    reading.values += value_words.of_words(code)
    reading.meaning = [line.rstrip() for line in text.split("\n") if line.strip()]


_READERS = {
    Language.PYTHON: _python,
    Language.SNAKEMAKE: _python,
    Language.GROOVY: _groovy,
    Language.R: _r,
    Language.RMD: _rmd,
    Language.BASH: _bash,
    Language.YAML: _data,
    Language.TOML: _data,
    Language.JSON: _data,
    Language.OTHER: _other,
}
