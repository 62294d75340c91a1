"""One frame of a stack trace, in the words of each language: which lines it has, whose code it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """``lines`` are its numbers; ``own`` is True for the user's code; ``of`` names whose it is otherwise.

    ``deepest_last`` says how the language orders its frames; there the error itself follows them, else it leads.
    """

    lines: tuple[int, ...]
    own: bool
    of: str
    deepest_last: bool = False


def frame_at(lines: Mapping[int, str], number: int) -> Frame | None:
    """The frame that begins at a line, if one does."""
    line = lines.get(number, "")
    if not _ANY.search(line) and not _GO_PLACE.match(lines.get(number + 1, "")):
        return None
    return next((frame for read in _READERS if (frame := read(lines, number, line))), None)


_ANY = re.compile(r'\bat |File "|^\s*\.\.\. \d+ |^\s*#\d+ |\b0x[0-9a-f]|^\s*\d+[.:] ')


# --- Python ------------------------------------------------------------------------------------

_PYTHON = re.compile(r'^(?P<indent>\s*)File "(?P<file>[^"]+)", line \d+(?:,? in .+)?$')
_PYTHON_LIBRARY = re.compile(
    r"site-packages|dist-packages|/lib(?:64)?/python\d|^<frozen|importlib|/python\d[\d.]*\.zip|^[^/].*\.pyx$"
)
_PYTHON_PACKAGE = re.compile(r"(?:site|dist)-packages/(?P<name>\w+)|/python\d[\d.]*/(?P<std>(?!site-|dist-)\w+)")


def _python(lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    got = _PYTHON.match(line)
    if not got:
        return None
    deeper = got["indent"] + "  "
    numbers = [number]
    while (text := lines.get(numbers[-1] + 1, "")).startswith(deeper) or text.lstrip().startswith("[Previous line rep"):
        if _PYTHON.match(text):
            break
        numbers.append(numbers[-1] + 1)
    package = _PYTHON_PACKAGE.search(got["file"])
    of = (package["name"] or package["std"]) if package else "Python"
    return Frame(tuple(numbers), not _PYTHON_LIBRARY.search(got["file"]), of, deepest_last=True)


# --- Java, Groovy, Scala, Node -----------------------------------------------------------------

_JAVA = re.compile(r"^\s*at (?:[\w.@-]+//?)?(?P<name>[\w$.<>-]+)\((?:[\w$ .-]+(?::\d+)?)\)(?: ~?\[.*\])?$")
_JAVA_MORE = re.compile(r"^\s*\.\.\. \d+ (?:more|common frames omitted)|^\s*at .+\.\.\.$")
_JAVA_LIBRARY = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|groovy|groovyjarjar\w*|scala|kotlin|kotlinx|akka|clojure|nextflow|dev\.failsafe"
    r"|org\.(?:codehaus|apache|eclipse|springframework|gradle|junit|slf4j|hibernate|pf4j|scala)|io\.netty"
    r"|ch\.qos|com\.google|com\.fasterxml)\."
)
_NODE = re.compile(
    r"^\s*at (?:async )?(?:new )?(?P<name>[^()]*?)\(?(?P<file>(?:file://|node:|/|\w:[\\/]|internal/)[^()]*)\)?$"
)
_NODE_LIBRARY = re.compile(r"node_modules|^node:|^internal/")


def _java(_lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    if _JAVA_MORE.match(line):
        return Frame((number,), own=False, of="")
    got = _JAVA.match(line)
    if not got:
        return None
    name = got["name"]
    return Frame((number,), not _JAVA_LIBRARY.match(name), ".".join(name.split(".")[:3][: max(1, name.count(".") - 1)]))


def _node(_lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    got = _NODE.match(line)
    if not got or ":" not in got["file"]:
        return None
    _, inside, module = got["file"].rpartition("node_modules/")
    of = module.partition("/")[0] if inside else "node"
    return Frame((number,), not _NODE_LIBRARY.search(got["file"]), of)


# --- Go, Rust, C and C++ -----------------------------------------------------------------------

_GO_PLACE = re.compile(r"^\s+(?P<file>\S+\.go):\d+(?: \+0x[0-9a-f]+)?$")
_GO_LIBRARY = re.compile(r"/go/src/|/pkg/mod/|/golang/|/go-?[\d.]+/")
_RUST = re.compile(r"^\s*\d+: +(?:0x[0-9a-f]+ - )?(?P<name>[\w<>:{}#$&*, \[\].'-]+)$")
_RUST_PLACE = re.compile(r"^\s+at (?P<file>\S+?):\d+")
_RUST_LIBRARY = re.compile(r"^<?(?:std|core|alloc|tokio|rayon\w*|rust_\w+|__\w+|_start|main$|clone\d?$|<unknown>)")
_RUST_PATH = re.compile(r"^/rustc/|/\.cargo/|/library/(?:std|core|alloc)/")
_NATIVE = re.compile(
    r"^\s*(?:\[[\w.-]+:\d+\] )?(?:\[ ?\d+\] |#\d+ +)(?:0x[0-9a-f]+ in )?(?P<name>\S+?) ?\(.*$"
    r"|^\s*(?P<object>/?\S+)\((?:\S*\+)?0x[0-9a-f]+\) ?\[0x[0-9a-f]+\]$"
)
_NATIVE_LIBRARY = re.compile(
    r"^/(?:usr/)?lib(?:64|32)?/|^(?:__\w+|_start|raise|abort|gsignal|std::|operator new)|ld-linux|libc[.-]"
)


def _go(lines: Mapping[int, str], number: int, _line: str) -> Frame | None:
    got = _GO_PLACE.match(lines.get(number + 1, ""))
    if not got:
        return None
    name = lines[number].strip().removeprefix("created by ")
    own = not _GO_LIBRARY.search(got["file"]) and not name.startswith("runtime.")
    return Frame((number, number + 1), own, name.split("(")[0].rpartition(".")[0] or "Go")


def _rust(lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    got = _RUST.match(line)
    if not got:
        return None
    place = _RUST_PLACE.match(lines.get(number + 1, ""))
    if not place and "::" not in got["name"] and not _RUST_LIBRARY.match(got["name"]):
        return None
    library = _RUST_LIBRARY.match(got["name"]) or (place and _RUST_PATH.search(place["file"]))
    of = got["name"].lstrip("<").partition("::")[0]
    return Frame((number, number + 1) if place else (number,), not library, of)


def _native(_lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    got = _NATIVE.match(line)
    if not got:
        return None
    name = got["name"] or got["object"]
    return Frame((number,), not _NATIVE_LIBRARY.search(name), name.rpartition("/")[2].partition("(")[0])


# --- Perl, R -----------------------------------------------------------------------------------

_PERL = re.compile(r"^\s+\S.*\bcalled at (?P<file>\S+) line \d+\.?$")
_PERL_LIBRARY = re.compile(r"/perl5?/|/usr/(?:share|lib)/|^/usr/local/lib")
_R = re.compile(r"^ *\d+\. +[^\w\s]*[\u2500-\u257f| ]+(?P<name>\S.*)$|^\d+: (?P<call>[\w.:]+\(.*)$")
_R_PACKAGE = re.compile(r"^(?P<name>[\w.]+):::?")


def _perl(_lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    got = _PERL.match(line)
    if not got:
        return None
    return Frame((number,), not _PERL_LIBRARY.search(got["file"]), got["file"].rpartition("/")[2])


def _r(_lines: Mapping[int, str], number: int, line: str) -> Frame | None:
    got = _R.match(line)
    if not got:
        return None
    package = _R_PACKAGE.match((got["name"] or got["call"]).removeprefix("global "))
    own = package is None or package["name"] == "global"
    return Frame((number,), own, package["name"] if package else "R")


_READERS: tuple[Callable[[Mapping[int, str], int, str], Frame | None], ...] = (
    _python,
    _java,
    _node,
    _perl,
    _go,
    _rust,
    _native,
    _r,
)
