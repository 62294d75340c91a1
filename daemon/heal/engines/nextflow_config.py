"""What a Nextflow run's own configuration says of its processes, resolved by Nextflow itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heal.engines.nextflow_argv import CommandLine, configuring
from heal.engines.nextflow_overlay import AMOUNTS, Ceiling, Own, is_closure

_TIMEOUT_S = 120
# Nextflow writes these while it makes its processes (ProcessConfig.applyConfigSelector… of 25.04.4), in their order
_RULE = re.compile(
    r"Config settings `(?P<rule>[^`]+)` matches (?:labels `[^`]*` for process with name|process) (?P<process>\S+)"
)
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*\.?\s*([KMGTPEZ]?)i?B?", re.IGNORECASE)
_TIME = re.compile(
    r"(\d+(?:\.\d+)?)\s*\.?\s*(ms|milli|s|sec|second|m|min|minute|h|hour|d|day)s?(?![a-z])", re.IGNORECASE
)
_MINUTES = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0}


@dataclass(frozen=True, slots=True)
class Config:
    """The resolved configuration. ``known`` False: it could not be had, and ``trouble`` says why.

    ``given`` are the parameters of the launch; the configuration was resolved without them.
    """

    scopes: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True
    trouble: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    def scope(self, name: str) -> Mapping[str, Any]:
        """One scope; empty where there is none."""
        found = self.scopes.get(name)
        return found if isinstance(found, Mapping) else {}

    def own(self, process: str, log: str) -> Own:
        """What it gives one process; ``log``: the beginning of Nextflow's log, which tells which rules apply to it."""
        scope = self.scope("process")
        settings = {name: value for name, value in scope.items() if not name.startswith(("withName:", "withLabel:"))}
        set_in = dict.fromkeys(settings, "the process scope")
        for rule in rules(log, process) or _by_name(scope, process):
            found = scope.get(rule)
            more = found if isinstance(found, Mapping) else {}
            settings |= more
            set_in |= dict.fromkeys(more, rule)
        return Own(settings, self._ceilings(settings, set_in))

    def _ceilings(self, settings: Mapping[str, Any], set_in: Mapping[str, str]) -> dict[str, Ceiling]:
        """The most that a process may be given: by ``resourceLimits``, or by a parameter that ``check_max`` reads."""
        limits = settings.get("resourceLimits")
        found: dict[str, Ceiling] = {}
        for name, directive in AMOUNTS.items():
            known = []
            if isinstance(limits, Mapping):
                by = f"resourceLimits in {set_in['resourceLimits']}"
                known.append((self._at_launch(name, limits.get(directive)), by))
            own, parameter = settings.get(directive), f"max_{directive}"
            if is_closure(own) and "check_max" in str(own):
                value = {**self.scope("params"), **self.given}.get(parameter)
                known.append((amount_of(name, value), f"params.{parameter}"))
            amounts = [Ceiling(int(amount), by) for amount, by in known if amount is not None]
            if amounts:
                found[name] = min(amounts, key=lambda ceiling: ceiling.most)
        return found

    def _at_launch(self, name: str, limit: Any) -> float | None:
        """A limit that the configuration took from one of its parameters is what the launch gave for that one."""
        amount, own = amount_of(name, limit), self.scope("params")
        for parameter, value in self.given.items():
            if amount is not None and amount_of(name, own.get(parameter)) == amount:
                return amount_of(name, value)
        return amount


def resolve(line: CommandLine, cwd: str, env: Mapping[str, str]) -> Config:
    """Ask Nextflow; a few seconds. Never raises: without an answer the configuration is not known."""
    try:
        answer = subprocess.run(
            configuring(line),
            cwd=cwd,
            env={**env, "NXF_ANSI_LOG": "false"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
        if answer.returncode != 0:
            return Config(known=False, trouble=_error(answer.stdout + "\n" + answer.stderr))
        # a plugin or the configuration itself may print something before it
        found = json.loads(answer.stdout[max(answer.stdout.find("{\n"), 0) :])
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return Config(known=False, trouble=str(error))
    return with_launch(found, line, cwd, env) if isinstance(found, dict) else Config(known=False, trouble="no JSON")


def _error(said: str) -> str:
    """The line that says what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "ERROR" in line), lines[-1] if lines else "nextflow config said nothing")


def with_launch(scopes: Mapping[str, Any], line: CommandLine, cwd: str, env: Mapping[str, str]) -> Config:
    """The configuration with what the launch says itself: parameters, a file of them, ``-process.name=value``."""
    process = {
        part.name.removeprefix("-process."): part.value for part in line.parts if part.name.startswith("-process.")
    }
    files = line.values("-params-file")[-1:] or (env.get("NXF_PARAMS_FILE"),)
    given = {**_parameters(Path(cwd) / files[0]), **line.parameters} if files[0] else line.parameters
    return Config({**scopes, "process": {**scopes.get("process", {}), **process}}, given=given)


def rules(log: str, process: str) -> tuple[str, ...]:
    """The selectors that Nextflow said apply to this process, in the order in which it applied them."""
    return tuple(match["rule"] for match in _RULE.finditer(log) if match["process"] == process)


def memory_mb(value: Any) -> float | None:
    """Megabytes of what a configuration says (``128.GB``, or the parts that JSON shows of it); None: not known."""
    if isinstance(value, Mapping):
        value = value.get("bytes")
    if isinstance(value, int | float):
        return value / 2**20
    match = _MEMORY.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(match[1]) * 1024.0 ** (" KMGTPEZ".index(match[2].upper() or " ") - 2) if match else None


def time_min(value: Any) -> float | None:
    """Minutes of what a configuration says (``240.h``, ``2h 30m``); None: not known."""
    if isinstance(value, Mapping):
        value = value.get("durationInMillis")
    if isinstance(value, int | float):
        return value / 60_000
    if not isinstance(value, str) or not value.strip() or _TIME.sub("", value).strip():
        return None
    return sum(float(amount) * _minutes(unit.lower()) for amount, unit in _TIME.findall(value))


def _minutes(unit: str) -> float:
    return 1 / 60_000 if unit in ("ms", "milli") else _MINUTES[unit[0]]


def amount_of(name: str, value: Any) -> float | None:
    """An amount in the unit of its neutral name; None where it is none that can be read."""
    if name == "cpus":
        return float(value) if str(value).isdigit() else None
    return time_min(value) if name == "time_min" else memory_mb(value)


def _by_name(scope: Mapping[str, Any], process: str) -> list[str]:
    """The rules for a process by its names alone; labels stand in the script and are not known."""
    names = [process.rpartition(":")[2], process]
    selectors = [rule.removeprefix("withName:").strip() for rule in scope if rule.startswith("withName:")]
    return [f"withName:{regex}" for name in dict.fromkeys(names) for regex in selectors if _matches(regex, name)]


def _matches(regex: str, name: str) -> bool:
    try:
        return bool(re.fullmatch(regex.removeprefix("!").strip(), name)) is not regex.startswith("!")
    except re.error:
        return False


def _parameters(path: Path) -> dict[str, Any]:
    """What a file of parameters holds (JSON is YAML); nothing where it cannot be read."""
    # most runs are never started again
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
