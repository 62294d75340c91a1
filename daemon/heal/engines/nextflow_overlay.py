"""What heal gives the processes of a Nextflow run: a configuration file of its own, read last. Pure.

Each process is named by a selector that only it matches, ``withName: '^OUTER:INNER:BIG$'``: selectors that match the
full name are applied last, and of those the one that was read last, unless the same words stand in an earlier file
(``ProcessConfig.applyConfig`` of Nextflow 25.04.4: an entry that is merged keeps its first place). Hence the anchors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

_MARK = "// heal: "
_HEAD = "// Written by heal for one launch of this run, which reads it last. heal keeps here what it changed:\n"
# neutral name: Nextflow's directive, its unit, its class
_AMOUNTS = {
    "memory_mb": ("memory", "MB", "nextflow.util.MemoryUnit"),
    "time_min": ("time", "min", "nextflow.util.Duration"),
    "cpus": ("cpus", "", "int"),
    "disk_mb": ("disk", "MB", "nextflow.util.MemoryUnit"),
}
AMOUNTS = {name: directive for name, (directive, _unit, _type) in _AMOUNTS.items()}
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\$]|\\.)*\"")
_NAMES = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
# what a closure may name and still mean the same in another file
_ANYWHERE = frozenset({"task", "params", "Math", "as", "int", "long", "double", "def", "return", "if", "else", "in"})
_CHECKED = re.compile(r"\s*check_max\s*\((.*),\s*['\"](?:memory|time|cpus)['\"]\s*\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Given:
    """What one process is given: amounts by neutral name, which nothing goes below; its queue; nodes it is kept from.

    ``grows``: the amounts are multiplied by the number of the try, as the pipeline's own are. ``container``: options
    of its container besides its own. ``env``: variables; Nextflow has none of one process, so every task gets them.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    queue: str | None = None
    without: tuple[str, ...] = ()
    grows: bool = False
    container: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def over(self, earlier: Given) -> Given:
        """What was given before with this on top: the larger amounts, the later queue and variables, else both."""
        names = {**earlier.amounts, **self.amounts}
        amounts = {name: max(earlier.amounts.get(name, 0), self.amounts.get(name, 0)) for name in names}
        nodes = tuple(dict.fromkeys([*earlier.without, *self.without]))
        container = tuple(dict.fromkeys([*earlier.container, *self.container]))
        env = {**earlier.env, **self.env}
        return Given(amounts, self.queue or earlier.queue, nodes, self.grows or earlier.grows, container, env)

    def __str__(self) -> str:
        said = [f"{AMOUNTS[name]} {_amount(name, value)}" for name, value in sorted(self.amounts.items())]
        said += [f"queue {self.queue}"] if self.queue else []
        said += [f"container {option}" for option in self.container]
        said += [f"{name}={value}" for name, value in sorted(self.env.items())]
        return ", ".join([*said, *(f"not on {node}" for node in self.without)])


# by full process name
Gifts = Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a pipeline lets a process ask for, and where it says so."""

    most: int
    by: str


@dataclass(frozen=True, slots=True)
class Own:
    """What the pipeline's own configuration gives a process, as ``nextflow config`` prints it, by directive.

    A closure is a text in braces. ``ceilings`` are by neutral name.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    ceilings: Mapping[str, Ceiling] = field(default_factory=dict)

    def refused(self, amounts: Mapping[str, int]) -> list[str]:
        """What of these amounts the pipeline would cut down, in words."""
        return [
            f"{AMOUNTS[name]} {_amount(name, value)} is beyond the {_amount(name, ceiling.most)} of {ceiling.by}"
            for name, value in sorted(amounts.items())
            if (ceiling := self.ceilings.get(name)) and value > ceiling.most
        ]


def merged(earlier: Gifts, ours: Gifts) -> dict[str, Given]:
    """Both, ours on top."""
    names = sorted({*earlier, *ours})
    return {name: ours.get(name, Given()).over(earlier.get(name, Given())) for name in names}


def text(gifts: Gifts, own: Mapping[str, Own]) -> str:
    """The configuration file. ``own``: what the pipeline says itself, where it is known."""
    kept = {name: asdict(given) for name, given in sorted(gifts.items())}
    lines = [_HEAD + _MARK + json.dumps({"v": 1, "processes": kept}, ensure_ascii=False), "process {"]
    for name, given in sorted(gifts.items()):
        body = _directives(given, own.get(name, Own()))
        lines += (
            [f"    withName: {quoted(selector(name))} {{", *(f"        {line}" for line in body), "    }"]
            if body
            else []
        )
    variables = {name: value for _process, given in sorted(gifts.items()) for name, value in given.env.items()}
    scope = [f"    {name} = {quoted(value)}" for name, value in sorted(variables.items())]
    return "\n".join([*lines, "}", *(["env {", *scope, "}"] if scope else []), ""])


def read_back(content: str) -> dict[str, Given]:
    """What an overlay of heal's holds. Raises ValueError for any other file."""
    line = next((line for line in content.split("\n") if line.startswith(_MARK)), "")
    try:
        kept = json.loads(line.removeprefix(_MARK))["processes"]
        return {
            str(name): Given(
                {str(resource): int(value) for resource, value in one["amounts"].items() if resource in _AMOUNTS},
                one["queue"],
                tuple(map(str, one["without"])),
                bool(one["grows"]),
                tuple(map(str, one.get("container", ()))),
                {str(variable): str(value) for variable, value in one.get("env", {}).items()},
            )
            for name, one in kept.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not an overlay as heal writes them") from error


def selector(process: str) -> str:
    """The regular expression that means this process alone."""
    return "^" + re.sub(r"[^\w:]", lambda match: "\\" + match[0], process) + "$"


def quoted(value: str) -> str:
    """A Groovy string of this text, in which nothing is replaced."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"


def is_closure(value: Any) -> bool:
    """Tell whether a setting is computed for each task."""
    return isinstance(value, str) and value.startswith("{") and value.endswith("}")


def excluding(options: Any, nodes: Sequence[str]) -> Any:
    """``clusterOptions`` with these nodes left out, besides those that it leaves out already."""
    words = [options] if isinstance(options, str) else list(options or ())
    found = [match for word in words for match in re.findall(r"(?:--exclude[= ]|(?:^|\s)-x\s*)(\S+)", str(word))]
    left_out = ",".join(dict.fromkeys([*found, *nodes]))
    ours = f"--exclude={left_out}"
    return [*words, ours] if isinstance(options, list) else " ".join([*words, ours])


def _directives(given: Given, own: Own) -> list[str]:
    lines = [f"{AMOUNTS[name]} = {_floor(name, value, given, own)}" for name, value in sorted(given.amounts.items())]
    lines += [f"queue = {quoted(given.queue)}"] if given.queue else []
    if given.container:
        words = [own.settings.get("containerOptions"), *given.container]
        lines.append(f"containerOptions = {quoted(' '.join(str(word) for word in words if word))}")
    if given.without:
        options = excluding(own.settings.get("clusterOptions"), given.without)
        as_list = isinstance(options, list)
        lines.append(f"clusterOptions = {_list(options) if as_list else quoted(options)}")
    return lines


def _floor(name: str, value: int, given: Given, own: Own) -> str:
    """The amount; where the pipeline computes its own for each task, the larger of both."""
    directive, _unit, type_ = _AMOUNTS[name]
    said = own.settings.get(directive)
    setting = said if isinstance(said, str) else ""
    plain = str(value) if name == "cpus" else quoted(_amount(name, value))
    if not is_closure(setting):
        return f"{{ ({plain} as {type_}) * task.attempt }}" if given.grows else plain
    ours = f"({plain} as {type_})" + (" * task.attempt" if "attempt" in setting else "")
    theirs = _anywhere(setting)
    larger = f"[{ours}, ({theirs})() as {type_}].max()" if theirs else ours
    if "check_max" in setting and name in own.ceilings:
        most = own.ceilings[name].most
        larger = f"[{larger}, {most if name == 'cpus' else quoted(_amount(name, most))} as {type_}].min()"
    return f"{{ {larger} }}"


def _anywhere(closure: str) -> str | None:
    """The closure, if it means the same outside of its own file; ``check_max`` around it taken off."""
    body = closure[1:-1]
    if checked := _CHECKED.fullmatch(body):
        body = f" {checked[1].strip()} "
    return f"{{{body}}}" if set(_NAMES.findall(_STRINGS.sub("''", body))) <= _ANYWHERE else None


def _amount(name: str, value: int) -> str:
    return f"{value} {_AMOUNTS[name][1]}".strip()


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(quoted(str(word)) for word in words) + "]"
