"""How a shell text hides a failure, command by command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import parts, shell_fewer, shell_powers, shell_silence, shell_sums
from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.programs import ASKERS, CHECKS, ENDS_WELL, SHELLS
from heal.guard.rules import Trait
from heal.guard.statuses import ends_well

_KEEP_GOING = re.compile(
    r"^(?:--keep-going|--ignore-errors?|--ignore-failed-read|--force-continue|--continue-on-error"
    r"|--no-fail|--nofail"
    r"|--allow-errors?|--skip-errors?|--ignore-missing|--quiet-errors|--keep-incomplete|--no-check\w*"
    r"|--skip-(?:bad|broken|invalid)\w*|--forced?-ok)(?:=.*)?$"
)
_RETRIES = re.compile(r"^(?:--restart-times|--retries|--retry|--tries|--max-retries)(?:=.*)?$")
_FINDS = re.compile(
    r"-(?:i?name|i?path|i?regex|size|newer\w*|[acm](?:time|min)|not|prune|quit|(?:max|min)depth|type|empty|perm|user)|!"
)
_SHORT_KEEP_GOING = {"make": ("-k", "-i"), "snakemake": ("-k",)}
_QUIET = frozenset({"echo", "printf", "export", "local", "cd", "mkdir", "set", "exit", "return", "true", ":"})
_BRANCHES = frozenset({"if", "elif", "while", "until"})
_SAME = re.compile(r"\S+|(?:-n )?[\w/]+|(\S+) =+ \1|(\S+) -eq \2|-e /\S*|-d /\S*|-z ")


def traits(commands: tuple[Command, ...]) -> Iterator[Trait]:
    """All that the commands do which a patch must not add, and all that it must not take away."""
    own = frozenset(
        {command.name for command in commands if command.after == "(" and len(command.words) == 1}
        | {command.words[0] for command in commands if "function" in command.lead and command.words}
    )
    for index, command in enumerate(commands):
        yield from _defined(command)
        if command.after == "&" and command.lead and not command.name:
            yield _trait("hide.background", command.text, command)
        yield from _loops(command)
        names_things = {"for", "case", "select", "function"} & set(command.lead)
        if names_things or command.after == "(" or not (command.name or command.redirects or command.assignments):
            continue
        yield from _status(command, commands[index:])
        yield from _checks(command)
        yield from _flags(command)
        yield from _redirected(command)
        yield from shell_powers.traits(command, own)
    yield from _ends(commands)
    yield from shell_sums.traits(commands)
    yield from shell_silence.traits(commands)
    yield from parts.of_commands(commands)
    yield from shell_fewer.traits(commands)


def _trait(rule: str, key: str, command: Command) -> Trait:
    return Trait(HIDING[rule], key, command.line)


def _defined(command: Command) -> Iterator[Trait]:
    if command.after == "(" and len(command.words) == 1 and not command.inner and "=" not in command.name:
        yield _trait("hide.redefined", command.name, command)


def _loops(command: Command) -> Iterator[Trait]:
    """A loop that is never entered: ``for x in ; do``, ``while false``, ``until true``."""
    empty = "for" in command.lead and command.words[1:] in {("in",), ("in", "$()"), ("in", "``")}
    never = ("while" in command.lead and command.name == "false") or (
        "until" in command.lead and command.name in {"true", ":"}
    )
    if empty or never:
        yield _trait("hide.check_true", command.text, command)


def _status(command: Command, following: tuple[Command, ...]) -> Iterator[Trait]:
    """Where a command's exit status is lost or turned."""
    name, lead = command.name, set(command.lead)
    if command.before.startswith("||") and not _fails(following):
        well = name in ENDS_WELL or not name
        yield _trait("hide.or_true" if well else "hide.or_else", f"|| {command.text or name}", command)
    if name and (command.in_background or "coproc" in lead):
        yield _trait("hide.background", name, command)
    eats = name in {"true", ":", "cat", "echo", "false"} and not command.arguments and not command.redirects
    if command.before in {"|", "|&"} and eats:
        yield _trait("hide.or_true", f"| {name}", command)
    idle = name in {"true", ":"} and not command.arguments
    if idle and (command.before == "&&" or (command.after == ")" and command.before in {";", "\n"})):
        yield _trait("hide.or_true", f"{command.before.strip()} {name}", command)
    if "!" in lead and name not in ASKERS:
        yield _trait("hide.or_true", f"! {name}", command)
    if _BRANCHES & lead and name and name not in ASKERS:
        yield _trait("hide.condition", name, command)
    if {"if", "elif"} & lead and name in {"true", "false", ":"}:
        yield _trait("hide.check_true", name, command)


def _checks(command: Command) -> Iterator[Trait]:
    """What checks, what ends unwell, and what is run at all: each is missed when it is gone.

    A check whose status is lost is none: ``echo "$(test -s out)"``, ``test -s out &``.
    """
    name, args = command.name, command.arguments
    if name in {"exit", "return"}:
        counted = bool(args) and ("$((" in args[0] or ends_well(args[0]))
        if counted or (not args and not command.before.startswith("||")):
            yield _trait("hide.exit_ok", f"{name} {' '.join(args)}", command)
        elif args and not args[0].isdigit() and args[0] not in {"$?", "$rc", "$status", "$ret"}:
            yield _trait("hide.or_else", command.text, command)
        elif args and command.is_heard:
            yield _trait("hide.check_gone", "exit", command)
    if name in CHECKS:
        shown = " ".join(word.removesuffix("]") for word in args if word not in {"]", "]]"})
        if command.is_heard:
            yield _trait("hide.check_gone", "test", command)
            yield _trait("hide.check_changed", f"test {shown}", command)
        if _SAME.fullmatch(shown) and "$" not in shown and "{" not in shown:
            yield _trait("hide.check_true", f"test {shown}", command)
    elif name and name not in _QUIET and "$" not in name and args[:1] != ("=",):
        yield _trait("hide.command_gone", name, command)


def _fails(commands: tuple[Command, ...]) -> bool:
    """True where what follows ends in an error: ``exit 1``, ``false``; of a group, any of its commands."""
    first = commands[0]
    group = "{" in first.lead or first.before.endswith("(")
    for command in commands:
        if "}" in command.lead and command is not first:
            return False
        if command.name in {"exit", "return"}:
            return bool(command.arguments) and not ends_well(command.arguments[0])
        if command.name in {"false", "die", "fail", "error", "kill"} | CHECKS:
            # what asks for the status takes some of them for a success
            return not any(re.search(r"\$\{?(?:\?|rc\b|status\b|ret\b)", word) for word in command.arguments)
        if not group or command.after == ")":
            return False
    return False


def _flags(command: Command) -> Iterator[Trait]:
    name, args = command.name, command.arguments
    if name in {"set", "shopt"}:
        yield from _options(command)
    if name in SHELLS and any(word.startswith("+") for word in args):
        yield _trait("hide.strict_off", command.text, command)
    if name == "trap":
        yield from _trap(command)
    for index, word in enumerate(args):
        if _KEEP_GOING.match(word) or word in _SHORT_KEEP_GOING.get(name, ()):
            yield _trait("hide.keep_going", f"{name} {word}", command)
        if _RETRIES.match(word):
            yield _trait("hide.retries", f"{name} {' '.join(args[index : index + 2])}", command)
    if name == "find":
        yield from _found(command)
    if name in {"sleep", "timeout"}:
        yield _trait("hide.wait", name, command)
    # of what is told, the first line is often enough; what goes on to another program is data
    told = command.before in {"|", "|&"} and (command.inner or command.after not in {"|", "|&"})
    shortens = name in {"head", "tail", "shuf", "split"} and not told
    if shortens or name in {"continue", "break"} or _filters(name, args):
        yield _trait("hide.skip", f"{name} {' '.join(args[:2])}", command)


def _found(command: Command) -> Iterator[Trait]:
    """What ``find`` asks of a file; one question or the other is no narrower than one."""
    asked = [word.removeprefix("-").removeprefix("i") for word in command.arguments if _FINDS.fullmatch(word)]
    either = sum(word in {"-o", "-or", ","} for word in command.arguments)
    yield from (_trait("hide.skip", f"find -{word}", command) for word in asked[: len(asked) - either])


def _options(command: Command) -> Iterator[Trait]:
    """Options of the shell, and arguments that are set by hand."""
    name, args = command.name, command.arguments
    off = name == "shopt" and any(word.startswith("-") and "u" in word for word in args)
    if off and {"errexit", "pipefail", "nounset"} & set(args):
        yield _trait("hide.strict_off", command.text, command)
    if name == "set":
        yield from _set(command, args)
    if name == "set" and "--" in args:
        yield _trait("hide.skip", command.text, command)


def _trap(command: Command) -> Iterator[Trait]:
    """What a trap does; one that only removes a file that the script made is usual."""
    action = command.arguments[0] if command.arguments else ""
    if re.fullmatch(r"\s*rm (?:-\w+ )*[\w\"'${}./-]+;?\s*", action):
        return
    turned = set(command.arguments[1:]) & {"ERR", "DEBUG", "RETURN"}
    bad = not action.strip() or turned or re.search(r"exit(?:\s+0)?\s*;?\s*$|true|^:", action)
    yield _trait("hide.trap" if bad else "hide.trap_asked", command.text, command)


def _filters(name: str, args: tuple[str, ...]) -> bool:
    if name == "grep":
        return any(re.match(r"-\w*v", word) or word == "--invert-match" for word in args)
    if name in {"awk", "gawk", "mawk"}:
        return any(re.search(r"\bF?NR\s*(?:[<>]=?|[!=]=|%)(?!\s*F?NR)", word) for word in args)
    if name == "samtools":
        return args[:1] == ("view",) and any(re.match(r"-s|--subsample", word) for word in args)
    return name == "sed" and any(re.search(r"\bd\b|/d$|^\d+d|[$\d]d$|\d+q|\d,[\d$]+p", word) for word in args)


def _set(command: Command, words: tuple[str, ...]) -> Iterator[Trait]:
    option = ""
    for word in words:
        if option or (command.name == "set" and word in {"errexit", "pipefail", "nounset"}):
            yield from _option(word, option or "-o", command)
            option = ""
        elif word in {"-o", "+o"}:
            option = word
        elif re.fullmatch(r"[-+][a-zA-Z]+", word):
            for letter in word[1:]:
                if letter == "o":
                    option = word[0] + "o"
                else:
                    yield from _option(letter, word[0], command)


def _option(name: str, sign: str, command: Command) -> Iterator[Trait]:
    known = {
        "e": "errexit",
        "u": "nounset",
        "errexit": "errexit",
        "nounset": "nounset",
        "pipefail": "pipefail",
        "E": "errtrace",
    }
    if name not in known:
        if name in {"n", "noexec"} and sign.startswith("-"):
            yield _trait("hide.strict_off", "set -n", command)
    elif sign.startswith("+"):
        yield _trait("hide.strict_off", f"set +{known[name]}", command)
    elif known[name] != "errtrace":
        yield _trait("hide.strict_gone", f"set -{known[name]}", command)


def _redirected(command: Command) -> Iterator[Trait]:
    yield from _inputs_written(command)
    for operator, target in command.redirects:
        if operator in {">", ">|", "1>"} and target not in {"/dev/null", "/dev/stderr", "/dev/stdout"}:
            yield from _written(command, target)
    if command.name in {"touch", "truncate"} and not all("{log" in word for word in command.arguments):
        yield _trait("hide.empty_output", command.name, command)
    if command.name in {"cp", "install", "cat", "ln", "tee"} and "/dev/null" in command.arguments:
        yield _trait("hide.empty_output", command.text, command)


def _inputs_written(command: Command) -> Iterator[Trait]:
    """What writes where the pipeline reads from."""
    plain = [word for word in command.arguments if not word.startswith("-")]
    targets = [target for operator, target in command.redirects if ">" in operator]
    if command.name in {"cp", "mv", "ln", "tee", "install", "rsync", "truncate", "touch", "dd"} and plain:
        targets += plain if command.name in {"tee", "touch", "truncate"} else plain[-1:]
    for target in targets:
        if re.search(r"^(?:\./)?(?:data|resources|raw|inputs?|reads|fastq)/|\{input", target):
            yield _trait("hide.input_written", f"{command.name} {target}", command)


def _written(command: Command, target: str) -> Iterator[Trait]:
    if command.name in {"", ":", "true"} or (
        command.name in {"echo", "printf"} and not "".join(command.arguments).replace("-n", "")
    ):
        yield _trait("hide.empty_output", f"> {target}", command)
    elif (command.name in {"echo", "printf"} and not re.search(r"[$`{%]", " ".join(command.arguments))) or (
        command.name == "cat" and any(operator.startswith("<<") for operator, _ in command.redirects)
    ):
        yield _trait("hide.literal_output", command.text, command)


def _ends(commands: tuple[Command, ...]) -> Iterator[Trait]:
    """A last command that makes the whole a success."""
    outer = [command for command in commands if not command.inner and command.name]
    if len(outer) > 1 and outer[-1].name in {"true", ":", "echo", "exit"} and outer[-1].before != "&&":
        last = outer[-1]
        if last.name != "exit" and last.before in {";", "\n"} and (last.name != "echo" or last.before == ";"):
            yield _trait("hide.or_true" if last.name != "echo" else "hide.or_else", f"; {last.name} at the end", last)
