r"""A shell text as the commands it runs, quoting undone: ``c''url``, ``\curl`` and ``$'\x63url'`` are all curl.

It is a reader of its own: the Python libraries that parse bash are either under the GPL or stop at the braces that
Snakemake and Nextflow put into a script. What it cannot follow it says (``trouble``), and it never runs anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from heal.guard.command import Command
from heal.guard.here_documents import HereDocument, run_by
from heal.guard.programs import SHELLS
from heal.guard.quoting import ansi, closed_at
from heal.guard.statuses import Counting, Piece, marked, settled

OPERATORS = ("&&", "||", ";;", "|&", "|", ";", "&", "(", ")", "\n")
KEYWORDS = frozenset(
    {
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "do",
        "done",
        "while",
        "until",
        "for",
        "case",
        "esac",
        "{",
        "}",
        "!",
        "time",
        "in",
    }
    | {"select", "function", "coproc"}
)
_REDIRECT = re.compile(r"(?:\d*|&|\{\w+\})(?:<<<|<<-?|>>|>\||<>|>&|<&|&>>|&>|>(?!\()|<(?!\())")
_BLANK = re.compile(r"[ \t\r]+|\\\n")
_IN_TEST = re.compile(r"&&|\|\||=~|[<>()]|\n")


@dataclass(slots=True)
class _Reader:
    text: str
    line: int
    inner: bool = False
    at: int = 0
    words: list[str] = field(default_factory=list)
    redirects: list[tuple[str, str]] = field(default_factory=list)
    before: str = ""
    start: int = 1
    begun: int = 0
    ended: int = 0
    trouble: list[str] = field(default_factory=list)
    found: list[Command] = field(default_factory=list)
    nested: list[Piece] = field(default_factory=list)
    heredocs: list[tuple[str, bool, bool, int]] = field(default_factory=list)


def commands(text: str, line: int = 1) -> tuple[tuple[Command, ...], str]:
    """All commands of a shell text, those within substitutions too, and what could not be followed ("" if all)."""
    found: list[Command] = []
    trouble: list[str] = []
    waiting = [Piece(text, line)]
    for count in range(200):
        if not waiting:
            break
        piece = waiting.pop()
        reader = _Reader(piece.text, piece.line, inner=count > 0, start=piece.line)
        _read(reader)
        _here_strings(reader)
        told = marked(reader.found, piece.counting)
        found += told
        trouble += reader.trouble
        waiting += [one for one in settled(reader.nested, told) if one.text.strip() and one.text != piece.text]
    return tuple(sorted(found, key=lambda command: command.line)), "; ".join(trouble)


def _read(reader: _Reader) -> None:
    text = reader.text
    while reader.at < len(text):
        at = reader.at
        if skip := _BLANK.match(text, at):
            reader.line += skip[0].count("\n")
            reader.at = skip.end()
        elif reader.words[:1] == ["[["] and reader.words[-1] != "]]":
            _in_test(reader)
        elif not reader.words and text.startswith("((", at):
            end = text.find("))", at)
            reader.at = reader.ended = end + 2 if end > 0 else len(text)
            reader.line += text.count("\n", at, reader.at)
        elif text[at] == "#":
            end = text.find("\n", at)
            reader.at = end if end >= 0 else len(text)
        elif found := _REDIRECT.match(text, at):
            reader.at = found.end()
            reader.redirects.append(_redirect(reader, found[0]))
            reader.ended = reader.at
        elif operator := next((one for one in OPERATORS if text.startswith(one, at)), ""):
            _close(reader, operator)
            reader.at += len(operator)
            _new_line(reader, operator)
            reader.start, reader.begun = reader.line, reader.at
        else:
            if not reader.words and not reader.redirects:
                reader.start, reader.begun = reader.line, reader.at
            reader.words.append(_word(reader))
            reader.ended = reader.at
    _close(reader, "")


def _here_strings(reader: _Reader) -> None:
    for owner, command in enumerate(tuple(reader.found)):
        for text in (target for how, target in command.redirects if how == "<<<"):
            _give(reader, owner, HereDocument(text, command.line, expands=True))


def _close(reader: _Reader, operator: str) -> None:
    """The command that ends here, if there is one."""
    words, lead = reader.words, []
    while words and words[0] in KEYWORDS:
        lead.append(words.pop(0))
    if words or reader.redirects or lead:
        text = " ".join(reader.text[reader.begun : reader.ended].split())
        redirects = tuple(reader.redirects)
        reader.found.append(
            Command(tuple(words), reader.start, reader.before, operator, tuple(lead), redirects, reader.inner, text)
        )
    elif operator == "(":
        # what stands before a bracket stands before all that is in it
        operator = f"{reader.before.rstrip('(')}("
    elif operator == "&" and reader.before == ")" and reader.found:
        reader.found[-1] = replace(reader.found[-1], after=")&")
    reader.words, reader.redirects, reader.before = [], [], operator


def _in_test(reader: _Reader) -> None:
    """Within ``[[ … ]]`` operators are words."""
    operator = _IN_TEST.match(reader.text, reader.at)
    if operator:
        reader.at = operator.end()
        reader.line += operator[0] == "\n"
        reader.words.append(operator[0])
    else:
        reader.words.append(_word(reader))
    reader.ended = reader.at


def _redirect(reader: _Reader, operator: str) -> tuple[str, str]:
    blank = re.compile(r"[ \t]*").match(reader.text, reader.at)
    reader.at = blank.end() if blank else reader.at
    at = reader.at
    target = _word(reader) if reader.at < len(reader.text) and reader.text[reader.at] not in "\n;|" else ""
    if operator.lstrip("0123456789") in {"<<", "<<-"}:
        reader.heredocs.append(
            (target, operator.endswith("-"), reader.text[at : reader.at] == target, len(reader.found))
        )
    return operator, target


def _new_line(reader: _Reader, operator: str) -> None:
    """Past the end of a line: the here-documents that were announced on it are read over; what they run is kept."""
    if operator != "\n":
        return
    reader.line += 1
    for tag, dashed, expands, owner in reader.heredocs:
        body: list[str] = []
        while True:
            if reader.at >= len(reader.text):
                reader.trouble.append(f"the here-document {tag} does not end")
                break
            text, _, _ = reader.text[reader.at :].partition("\n")
            reader.at = min(reader.at + len(text) + 1, len(reader.text))
            reader.line += 1
            if (text.lstrip("\t") if dashed else text).rstrip() == tag or text.strip() == tag:
                break
            body.append(text)
        if expands:
            _substitutions(reader, "\n".join(body), Counting.NONE)
        _give(reader, owner, HereDocument("\n".join(body), reader.line - len(body) - 1, expands))
    reader.heredocs.clear()


def _give(reader: _Reader, owner: int, here: HereDocument) -> None:
    """The text to what runs it as code: the command that it is written to, or one behind a pipe."""
    line = reader.found[owner:]
    last = next((at for at, one in enumerate(line) if one.after not in {"|", "|&"}), len(line) - 1)
    taker = next((at for at, one in enumerate(line[: last + 1]) if run_by(one.words)), 0)
    if line:
        program = run_by(line[taker].words)
        given = replace(here, program=program)
        reader.found[owner + taker] = replace(line[taker], given=(*line[taker].given, given))
        if program in SHELLS:
            reader.nested.append(Piece(here.text, here.line))


def _word(reader: _Reader) -> str:
    """One word from here on, its quotes undone; what is substituted within is kept for reading later."""
    out: list[str] = []
    text = reader.text
    start = reader.at
    while reader.at < len(text):
        one = text[reader.at]
        if one in " \t\n;|&()<>\r" and not _belongs(text, reader.at, out):
            break
        if one == "\\":
            out.append("" if text[reader.at + 1 : reader.at + 2] == "\n" else text[reader.at + 1 : reader.at + 2])
            reader.line += text[reader.at + 1 : reader.at + 2] == "\n"
            reader.at += 2
        elif text.startswith("$'", reader.at):
            out.append(ansi(_until(reader, reader.at + 2, "'", escapes=True)))
        elif one == "'":
            out.append(_until(reader, reader.at + 1, "'", escapes=False))
        elif one == '"' or text.startswith('$"', reader.at):
            piece = _until(reader, reader.at + (1 if one == '"' else 2), '"', escapes=True)
            _substitutions(reader, piece)
            out.append(re.sub(r'\\([\\"$`])', r"\1", piece))
        elif one == "`" or text.startswith(("$(", "<(", ">(", "${"), reader.at) or (one == "(" and out):
            out.append(_bracketed(reader))
        else:
            out.append(one)
            reader.at += 1
    if reader.at == start:
        reader.at += 1
    return "".join(out)


def _belongs(text: str, at: int, out: list[str]) -> bool:
    """A bracket that opens within a word: a process substitution, or the list of an array."""
    return text.startswith(("<(", ">("), at) or (text[at] == "(" and bool(out) and out[-1].endswith("="))


def _until(reader: _Reader, start: int, mark: str, *, escapes: bool) -> str:
    """The text up to the mark; within double quotes a substitution may hold quotes of its own."""
    at, text = start, reader.text
    while at < len(text) and text[at] != mark:
        if escapes and text[at] == "\\":
            at += 2
        elif mark == '"' and text.startswith("$(", at):
            at = closed_at(text, at + 1)
        else:
            at += 1
    if at >= len(text):
        reader.trouble.append(f"the {mark} in line {reader.line} is not closed")
    reader.line += text.count("\n", start, at)
    reader.at = min(at + 1, len(text))
    return text[start:at]


def _bracketed(reader: _Reader) -> str:
    text, start = reader.text, reader.at
    if text[start] == "`":
        body = _until(reader, start + 1, "`", escapes=True)
        _nest(reader, body.replace("\\`", "`"))
        return f"`{body}`"
    opening = start if text[start] == "(" else start + 1
    end = closed_at(text, opening)
    if end > len(text):
        reader.trouble.append(f"the {text[opening]} in line {reader.line} is not closed")
    body = text[opening + 1 : end - 1]
    if text[opening] == "(" and text[start] != "(" and not body.startswith("("):
        _nest(reader, body, counting=Counting.LAST if text[start] == "$" else Counting.NONE)
    else:
        _substitutions(reader, body)
    reader.line += text.count("\n", start, end)
    reader.at = min(end, len(text))
    return text[start:end]


def _nest(reader: _Reader, text: str, lines: int = 0, counting: Counting = Counting.LAST) -> None:
    reader.nested.append(Piece(text, reader.line + lines, counting, len(reader.found)))


def _substitutions(reader: _Reader, text: str, counting: Counting = Counting.LAST) -> None:
    """What a text that is not a command runs all the same."""
    at = 0
    while found := re.compile(r"(?<!\\)(?:\$\(|`|\$\{)").search(text, at):
        if found[0] == "`":
            end = text.find("`", found.end())
            end = len(text) if end < 0 else end
            _nest(reader, text[found.end() : end], text.count("\n", 0, found.start()), counting)
            at = end + 1
            continue
        end = closed_at(text, found.end() - 1)
        body = text[found.end() : end - 1]
        if found[0] == "$(" and not body.startswith("("):
            _nest(reader, body, text.count("\n", 0, found.start()), counting)
            at = end
        else:
            at = found.end()
