"""What a shell command can do beyond computing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import programs, shell_reach
from heal.guard.command import Command
from heal.guard.powers import POWERS
from heal.guard.rules import Trait

_LOADERS = re.compile(
    r"^(?:PATH|LD_\w+|PYTHON\w*|BASH_ENV|ENV|IFS|PROMPT_COMMAND|R_PROFILE\w*|R_LIBS\w*|PERL5?\w*"
    r"|JAVA_TOOL\w*|SHELLOPTS"
    r"|HOME|PS4|GIT_\w+)\+?="
)
_PLACEHOLDER = re.compile(r"^\{[\w.\[\]:]+\}$")
_GIT_AWAY = r"\b(?:push|clone|fetch|pull|remote|config|submodule|filter-branch)\b"
_ENVIRONMENT_MADE = r"\b(?:install|update|create|remove|env|config|add)\b"
_TEXT_AS_CODE = r"(?:^| )-(?:\w*[ceE]|-eval|-command)(?: |$)|(?:^| )-(?: |$)|^$"
_AWK_RUNS = r"system\s*\(|\|\s*(?:&\s*)?(?:getline|\"|cmd)|print[^|]*\|"
_SED_RUNS = r"(?:^|[;/\d$ ])e(?: |$)|/[gip]*e[gip]*(?:;|$| )|(?:^|;)\s*[wW] "
_PACKERS = r"(?:pigz|gzip|zstd|bzip2|lbzip2|pbzip2|xz|pixz)\b"
_TAR_RUNS = (
    r"--(?:to-c|checkpoint-a|use|rsh-c|rmt-c|info-s|new-v)\w*(?:-\w+)*[= ](?!" + _PACKERS + r")"
    r"|(?:^| )-\w*[IF](?! ?" + _PACKERS + r")|^\w*[IF]\w* (?!" + _PACKERS + r")"
)
_MANY = r"(?:^| )-\w*[rR]|--recursive|--no-preserve"

# the programs, what must be among their words ("" for nothing), the rule; the first row that fits
_TABLE = tuple(
    (names, re.compile(pattern), rule)
    for names, pattern, rule in (
        (programs.NETWORK, "", "power.network"),
        (frozenset({"git"}), _GIT_AWAY, "power.network"),
        (frozenset({"command", "builtin"}), r"^-[vV]\b", ""),
        (frozenset({"exec"}), r"^$", ""),
        (frozenset({"env"}), r"^(?:-\S+ ?|\w+=\S* ?)*$", "power.secrets"),
        (programs.SHELLS, r"(?:^| )-\w*[cs]|(?:^| )<\(|^$|^-\S*$", "power.code"),
        (programs.SHELLS | programs.RUNNERS, "", "power.process"),
        (programs.INTERPRETERS, _TEXT_AS_CODE, "power.code"),
        (programs.CODE, "", "power.code"),
        (frozenset({"source", "."}), r"[<>]\(|/dev/|https?:", "power.code"),
        (frozenset({"source", "."}), "", "power.include_asked"),
        (programs.INSTALLERS, "", "power.install"),
        (programs.ENVIRONMENTS, r"\b(?:run|exec)\b", "power.program"),
        (programs.ENVIRONMENTS, r"\bactivate\b", "power.environment"),
        (frozenset({"module", "ml"}), r"\S", "power.environment"),
        (programs.ENVIRONMENTS, _ENVIRONMENT_MADE, "power.install"),
        (frozenset({"R"}), r"\bINSTALL\b", "power.install"),
        (programs.RIGHTS, "", "power.rights"),
        (frozenset({"chmod", "umask", "mkfifo", "install"}), "", "power.mode"),
        (programs.LATER, "", "power.process"),
        (programs.DECODERS, r"(?:^| )-\w*[dDr]|--decode", "power.decode"),
        (programs.CONTAINERS, "", "power.environment"),
        (frozenset({"printenv", "history"}), "", "power.secrets"),
        (
            frozenset({"set", "export", "declare", "typeset", "readonly", "local"}),
            r"^(?:-\w*[xp]\w*)?$",
            "power.secrets",
        ),
        (frozenset({"compgen"}), "", "power.secrets"),
        (frozenset({"sort", "gsort"}), r"--co\w*(?:-p\w*)?", "power.code"),
        (frozenset({"split"}), r"--fil", "power.code"),
        (frozenset({"mapfile", "readarray"}), r"(?:^| )-\w*C", "power.code"),
        (programs.WIPERS, "", "power.delete"),
        (frozenset({"dd"}), r"\bof=", "power.delete"),
        (frozenset({"find"}), r"-(?:delete|exec|execdir|ok|okdir|fprint\w*)\b", "power.delete"),
        (frozenset({"awk", "gawk", "mawk"}), _AWK_RUNS, "power.code"),
        (frozenset({"sed", "gsed"}), _SED_RUNS, "power.code"),
        (frozenset({"tar"}), _TAR_RUNS, "power.code"),
        (frozenset({"rm"}), _MANY, "power.delete"),
    )
)


def traits(command: Command, own: frozenset[str]) -> Iterator[Trait]:
    """The powers of one command; ``own`` are functions that the text defines itself."""
    yield from _variables(command)
    yield from (_trait(rule, key, command) for rule, key in shell_reach.powers(command))
    name, args = command.name, command.arguments
    first = next((word for word in command.words if word not in command.assignments), "")
    together = re.search(r"\$|`|\{.*,.*\}|[?*\[]\w", first)
    if together and name not in programs.CHECKS and not _PLACEHOLDER.match(first):
        yield _trait("power.dynamic", command.text, command)
    row = _row(command)
    if row is not None and row:
        yield _trait(row, f"{name} {_what(command)}".strip(), command)
    elif row is None and name and name not in programs.HARMLESS | own and not name.startswith(("-", "#", "$", "{")):
        yield _trait("power.program", name, command)
    plain = [word for word in args if not word.startswith("-")]
    if command.before in {"|", "|&"} and name in programs.SHELLS | programs.INTERPRETERS and not plain:
        yield _trait("power.code", f"… | {name}", command)
    places = (*command.words, *(target for _, target in command.redirects))
    if any(re.search(r"/dev/(?:tcp|udp)/", word) for word in places):
        yield _trait("power.network", "/dev/tcp", command)


def _trait(rule: str, key: str, command: Command) -> Trait:
    return Trait(POWERS[rule], key, command.line)


def _variables(command: Command) -> Iterator[Trait]:
    words = command.assignments
    if command.name in {"export", "declare", "typeset", "readonly", "local"}:
        words += command.arguments
    yield from (_trait("power.loader", word, command) for word in words if _LOADERS.match(word))


def _row(command: Command) -> str | None:
    """The rule of the first row that fits; empty for a use that is no power, None where no row speaks of it."""
    joined = " ".join(command.arguments)
    for names, pattern, rule in _TABLE:
        if command.name in names and pattern.search(joined):
            return rule
    if command.name in {"rm", "mv", "ln", "cp"} and _wide(command.arguments):
        return "power.delete" if command.name == "rm" else "power.move"
    return None


def _wide(args: tuple[str, ...]) -> bool:
    """More than named files of the task's own folder."""
    far = re.compile(r"^[/~]|^\$\{?HOME|\.\.(?:/|$)|[*?]|^\.$")
    return any(far.search(word) for word in args if not word.startswith("-"))


def _what(command: Command) -> str:
    """What of its words makes it another power: what it deletes, what code it gets, whether it sends.

    Where it goes to is told by the addresses, which are looked at by themselves.
    """
    if command.name in {"curl", "wget"}:
        sending = re.compile(r"-\w*[dFTX]|--(?:data|form|upload|post|request|method|body)")
        return "sends" if any(sending.match(word) for word in command.arguments) else ""
    return " ".join(word for word in command.arguments if not word.startswith("-") or len(word) < len("-cc"))
