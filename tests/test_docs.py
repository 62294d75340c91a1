"""Docs and code say the same, and the rules the code is written by hold."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from heal.cli import codes
from heal.cli.app import app
from heal.journal import State
from heal.records import FixKind, Outcome
from heal.settings import Policy

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
WIRE = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = [path for part in ("daemon", "hooks", "snakemake_plugin") for path in sorted((ROOT / part).rglob("*.py"))]
SHELL = sorted((ROOT / "hooks").glob("*.sh"))
CASES = {ROOT / "tests" / name for name in ("incidents", "healthy")}
TESTS = [
    path
    for path in sorted((ROOT / "tests").rglob("*.py"))
    if path.name != Path(__file__).name and not CASES & set(path.parents)
]

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 40
# to be empty: what is over a limit and has no better shape yet
TOO_LONG: list[str] = []
# what a reader of the map need not be told about
UNMAPPED = {".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "pyproject.toml"}


def tracked() -> list[Path]:
    """What git keeps, or would keep after the next add."""
    said = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in said.stdout.split("\0") if name and (ROOT / name).is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the map -----------------------------------------------------------------------------------


def mapped() -> list[str]:
    """The paths in the first column of the README's map; a name without a folder lies beside the one before it."""
    table = README.partition("## The map")[2].partition("\n## ")[0]
    found: list[str] = []
    for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE):
        folder = ""
        for path in re.findall(r"`([^`]+)`", row):
            found.append(path if "/" in path.rstrip("/") or not folder else folder + path)
            folder = found[-1].rstrip("/").rpartition("/")[0] + "/"
    return found


def test_what_the_map_shows_is_there():
    assert len(mapped()) > 10
    assert [path for path in mapped() if not (ROOT / path).exists()] == []


def test_every_part_is_on_the_map():
    # Given the repository's own parts and those of the package
    parts = {name_of(path).partition("/")[0] for path in tracked()} - UNMAPPED
    inner = {
        f"daemon/heal/{path.name}/" for path in (ROOT / "daemon/heal").iterdir() if (path / "__init__.py").exists()
    }
    # Then each is named, itself or by what lies in it
    assert {part for part in parts if not any(path.startswith(part) for path in mapped())} == set()
    assert inner - set(mapped()) == set()


# --- the command line --------------------------------------------------------------------------


def in_code(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, frozenset[str]]]:
    """Every command with the options it takes."""
    if isinstance(inner := getattr(command, "commands", None), dict):
        for name, each in inner.items():
            yield from in_code(each, (*words, name))
        return
    given = {option for one in command.params for option in one.opts if option.startswith("--")}
    yield " ".join(words), frozenset(given - {"--help"})


def in_docs() -> Iterator[tuple[str, frozenset[str]]]:
    """The same, by the headings of docs/cli.md: ``heal a [--x]``, ``heal a X, heal b Y --z``, ``heal a b | c``."""
    for heading in re.findall(r"^## (heal .+)$", CLI, re.MULTILINE):
        for said in heading.split(", "):
            before, bar, _after = said.partition(" | ")
            words = re.match(r"heal((?: [a-z][a-z-]*)+)", before)
            assert words, heading
            first = words[1].split()
            names = [first, *([[*first[:-1], other.strip()] for other in said.split(" | ")[1:]] if bar else [])]
            for name in names:
                yield " ".join(name), frozenset(re.findall(r"--[a-z][a-z-]*", said))


def test_every_command_and_option_is_documented_and_none_that_is_not_there():
    assert dict(in_docs()) == dict(in_code(typer.main.get_command(app)))


def test_options_of_heal_itself_are_documented():
    assert "`heal --version`" in CLI


def table_of_codes(command: str) -> dict[str, str]:
    """What the exit codes of a command mean, by its table."""
    section = re.split(r"^## ", CLI, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(command))
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text.partition("| exit code |")[2], re.MULTILINE)
    return {code.strip(): said.strip() for code, said in rows if not code.startswith("---")}


def test_exit_codes_of_wait_are_those_of_the_code():
    found = table_of_codes("heal wait")
    assert {int(code) for code in found} == {codes.WELL, codes.WAITING, codes.UNHEALED, codes.TIMEOUT}
    assert "well" in found[str(codes.WELL)]
    assert "waits" in found[str(codes.WAITING)]
    assert "unhealed" in found[str(codes.UNHEALED)]
    assert "timeout" in found[str(codes.TIMEOUT)]


def test_exit_codes_of_run_are_those_of_the_code():
    rows = [str(codes.WELL), "the command's own", f"{codes.WAITING}, {codes.UNHEALED}", str(codes.TIMEOUT)]
    found = table_of_codes("heal run")
    assert list(found) == rows
    assert f"waits for a person ({codes.WAITING})" in found[rows[2]]
    assert f"not healed ({codes.UNHEALED})" in found[rows[2]]


def test_bad_input_has_its_documented_exit_code():
    assert re.search(r"Bad input .* exit code (\d+)\.", CLI)[1] == str(codes.BAD_INPUT)


def test_every_state_and_verdict_is_documented():
    assert {word for word in (*State, *Outcome) if f"`{word}`" not in CLI} == set()


# --- the wire format ---------------------------------------------------------------------------


def kinds_written() -> set[str]:
    """The kinds of event that some writer makes: calls of event() and drop(), the plugin's drafts, watch's events."""
    found: set[str] = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="event" | "_event" | "drop"), args=args):
                    found |= {word for word in map(constant, args[:2]) if word}
                case ast.Call(func=ast.Name(id="Event" | "_about"), args=[_, kind, *_rest]) if constant(kind):
                    found.add(constant(kind))
                case ast.Tuple(elts=[kind, _, _]) if re.match(r"(run|task)_[a-z]+$", constant(kind)):
                    found.add(constant(kind))
    # the writers in sh: a line of JSON, or a call of the function that writes one
    said = re.compile(r'\\?"kind\\?":\\?"(\w+)|\btell (?:\d )?((?:run|task|job)_\w+)')
    return found | {
        word for path in SHELL for match in said.findall(path.read_text(encoding="utf-8")) for word in match if word
    }


def kinds_projected() -> set[str]:
    """The kinds that the store makes something of."""
    tree = ast.parse((ROOT / "daemon/heal/store/projecting.py").read_text(encoding="utf-8"))
    patterns = [node for node in ast.walk(tree) if isinstance(node, ast.MatchClass) and "kind" in node.kwd_attrs]
    inside = [pattern.kwd_patterns[pattern.kwd_attrs.index("kind")] for pattern in patterns]
    values = [node for pattern in inside for node in ast.walk(pattern) if isinstance(node, ast.MatchValue)]
    return {constant(node.value) for node in values}


def constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def kinds_documented() -> set[str]:
    table = WIRE.partition("| kind | facts |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))


def test_every_kind_of_event_is_documented():
    assert len(kinds_projected()) == 6
    assert kinds_written() | kinds_projected() == kinds_documented()


def test_every_kind_of_fix_and_its_policy_is_documented():
    said = README + CLI
    assert {kind for kind in FixKind if f"`{kind}`" not in said} == set()
    assert set(Policy.model_fields) | {FixKind.ADVICE} == set(FixKind)


# --- the texts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCS, ids=name_of)
def test_links_lead_somewhere(document: Path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (document.parent / link).exists()] == []


def test_nothing_speaks_of_the_place_it_was_written_in():
    # recorded texts, made-up messages and what tests give as paths may say anything
    spoken = [path for path in tracked() if not name_of(path).startswith(("tests/", "patterns/", "training/"))]
    private = re.compile(r"(?<![\w.])/(?:work|root)(?=[/\s\"'`)]|$)")
    assert [
        name_of(path) for path in spoken if private.search(path.read_text(encoding="utf-8", errors="replace"))
    ] == []


# --- the code ----------------------------------------------------------------------------------


def test_files_and_functions_are_short():
    over = []
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > MOST_LINES:
            over.append(name_of(path))
        functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        over += [f"{name_of(path)}:{node.name}" for node in functions if length(node) > MOST_LINES_OF_A_FUNCTION]
    assert over == TOO_LONG


def length(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_tests_use_real_things_and_do_not_sleep():
    banned = re.compile(r"\b(mock|MagicMock|patch\.object|time\.sleep|from time import .*sleep)\b")
    found = {name_of(path): used(path, banned) for path in TESTS}
    assert {name: lines for name, lines in found.items() if lines} == {}


def used(path: Path, banned: re.Pattern[str]) -> list[str]:
    """What is banned and used; what a text holds that is given to a program is no test's own waiting."""
    kinds = ast.Attribute | ast.Import | ast.ImportFrom
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
    return sorted({words for node in nodes if banned.search(words := ast.unparse(node))})
