"""What the processes of a Nextflow pipeline ask SLURM for, by its configuration and by directives in scripts. Pure.

The configuration is that of ``nextflow config -flat``. What is computed (closures, ``task.attempt``) is not known here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from heal.advice.requests import Request, gpu_of, of_sbatch
from heal.errors import CannotApply
from heal.schedulers.sbatch_options import CommandLine, parse_command_line

_SETTING = re.compile(
    r"^process\.(?:(?P<q>['\"]?)(?P<who>with(?:Name|Label):[^'\"\n]+?)(?P=q)\.)?(?P<name>\w+) = (?P<value>.*)$",
    re.MULTILINE,
)
_PROCESS = re.compile(r"^process\s+(?P<name>\w+)\s*\{", re.MULTILINE)
_DIRECTIVE = re.compile(
    r"^\s+(?P<name>memory|time|cpus|queue|clusterOptions|executor)\s+(?P<value>['\"][^'\"$]*['\"]|\d[\w.]*)\s*$"
)
_BODY = re.compile(r"^\s+(?:input|output|script|shell|exec|when|stub)\s*:")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)[\s.]*(B|KB|MB|GB|TB)", re.IGNORECASE)
_TO_MB = {"B": 1 / 1024**2, "KB": 1 / 1024, "MB": 1.0, "GB": 1024.0, "TB": 1024.0**2}
_PART = re.compile(r"(\d+(?:\.\d+)?)[\s.]*(ms|milli\w*|d|days?|h|hours?|m|min|minutes?|s|sec|seconds?)\b")
_MINUTES = {"d": 1440.0, "h": 60.0, "m": 1.0, "s": 1 / 60}


def asked(flat: str, scripts: Mapping[str, str]) -> tuple[Request, ...]:
    """What is asked for, by selector of the configuration and by process; what the configuration says for all holds."""
    said = _by_selector(flat)
    common = said.pop("", {})
    if not flat or (common.get("executor", "slurm") != "slurm" and not _any_slurm(said)):
        return ()
    found = [_request("all processes", "nextflow.config", 0, common)] if common else []
    found += [_request(who, "nextflow.config", 0, common | of) for who, of in said.items()]
    for name, text in scripts.items():
        for process, line, of in _directives(text):
            if of:
                found.append(_request(f"process {process}", name, line, common | of))
    return tuple(dict.fromkeys(found))


def submits_to_slurm(flat: str) -> bool:
    """Whether the configuration sends processes to SLURM."""
    said = _by_selector(flat)
    return said.get("", {}).get("executor") == "slurm" or _any_slurm(said)


def memory_of(text: str) -> float | None:
    """Read ``8 GB``, ``8.GB`` or ``500MB`` in MB; None for what is no amount."""
    found = _MEMORY.fullmatch(text.strip())
    return float(found[1]) * _TO_MB[found[2].upper()] if found else None


def time_of(text: str) -> float | None:
    """Read ``2h``, ``1d 12h`` or ``90.min`` in minutes; None for what is no time."""
    parts = _PART.findall(text.strip())
    if not parts or _PART.sub("", text).strip():
        return None
    return sum(float(amount) * (0 if unit.startswith(("ms", "milli")) else _MINUTES[unit[0]]) for amount, unit in parts)


def _any_slurm(said: Mapping[str, Mapping[str, str]]) -> bool:
    return any(of.get("executor") == "slurm" for of in said.values())


def _by_selector(flat: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in _SETTING.finditer(flat):
        value = one["value"].strip().strip("'\"")
        if not value.startswith(("{", "Script", "_nf", "$")):
            found.setdefault(one["who"] or "", {})[one["name"]] = value
    return found


def _directives(text: str) -> Iterator[tuple[str, int, dict[str, str]]]:
    for process in _PROCESS.finditer(text):
        of: dict[str, str] = {}
        for line in text[process.end() :].split("\n"):
            if _BODY.match(line) or line.startswith("}"):
                break
            if directive := _DIRECTIVE.match(line):
                of[directive["name"]] = directive["value"].strip("'\"")
        yield process["name"], text.count("\n", 0, process.start()) + 1, of


def _request(who: str, file: str, line: int, of: Mapping[str, str]) -> Request:
    own = of_sbatch(_options(of.get("clusterOptions", "")), who, file, line)
    cpus = of.get("cpus", "")
    accelerator = of.get("accelerator", "")
    return Request(
        who,
        file,
        line,
        memory_mb=memory_of(of.get("memory", "")) or own.memory_mb,
        time_min=time_of(of.get("time", "")) or own.time_min,
        cpus=int(cpus) if cpus.isdigit() else own.cpus,
        partition=of.get("queue") or own.partition,
        account=own.account,
        qos=own.qos,
        gpus=gpu_of(f"gpu:{accelerator}") if accelerator.isdigit() else own.gpus,
    )


def _options(text: str) -> CommandLine:
    try:
        return parse_command_line(shlex.split(text))
    except (CannotApply, ValueError):
        return CommandLine(())
