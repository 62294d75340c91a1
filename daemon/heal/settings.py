"""heal.toml, the environment and flags, made into one frozen Settings; an unknown key is an error with a suggestion."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from heal.errors import BadSettings
from heal.home import places
from heal.model_settings import ChainSettings, Model, ModelBudget, Patches, Privacy
from heal.records import FixKind, Verdict
from heal.sections import Arrays, Check, InFlight, Minutes, Nextflow, Patterns, Seconds, Sizing, Times
from heal.sections import Section as _Section

FILE_NAME = "heal.toml"


class Policy(_Section):
    """What heal may do by itself (auto), must ask for (ask) or never does (refuse), by kind of fix."""

    resources: Verdict = Verdict.AUTO
    retry: Verdict = Verdict.AUTO
    exclude_node: Verdict = Verdict.AUTO
    unlock: Verdict = Verdict.AUTO
    prepare: Verdict = Verdict.AUTO
    environment: Verdict = Verdict.ASK
    config: Verdict = Verdict.ASK
    patch: Verdict = Verdict.ASK

    def of(self, kind: FixKind) -> Verdict:
        """The verdict for a kind of fix; advice is always for a person."""
        return Verdict.ASK if kind is FixKind.ADVICE else Verdict(getattr(self, kind.value))

    def why(self, kind: FixKind) -> str:
        """Where the verdict comes from."""
        return f"policy.{kind.value} = {self.of(kind).value}"


class Asking(Policy):
    """A policy that asks before anything, because what its owner wants cannot be read."""

    _reason: str = PrivateAttr("")

    @classmethod
    def because(cls, reason: str) -> Asking:
        """Ask, and say this as the reason."""
        asking = cls(**dict.fromkeys(Policy.model_fields, Verdict.ASK))
        asking._reason = reason
        return asking

    def why(self, kind: FixKind) -> str:  # noqa: ARG002 - the same for all
        """What is wrong with the settings."""
        return f"heal asks before anything: {self._reason}"


class Budget(_Section):
    """How many remedies heal may try, whatever they are."""

    per_task: int = Field(3, ge=0, description="remedies for one task of one run")
    per_run: int = Field(20, ge=0, description="remedies for one run, relaunches included")
    per_day: int = Field(200, ge=0, description="remedies for all runs of this user in 24 hours")
    retries: int = Field(2, ge=0, description="tries again without any change, the engine's own included")


class Memory(_Section):
    """How a memory request is sized after it was too small."""

    headroom: Times = Field(1.5, gt=1, description="new request = headroom x observed peak")
    factor: Times = Field(2.0, gt=1, description="new request = factor x old one, where no peak is known")
    max_mb: float | None = Field(
        None, gt=0, description="never ask for more than this (the partition's limit holds anyway)"
    )


class Time(_Section):
    """How a time request is sized after it was too short."""

    factor: Times = Field(2.0, gt=1, description="new request = factor x old one")
    max_min: Minutes | None = Field(
        None, gt=0, description="never ask for more than this (the partition's limit holds anyway)"
    )


class Slurm(_Section):
    """How the scheduler is asked."""

    calls_per_minute: int = Field(
        6,
        ge=3,
        description="the most calls of SLURM's programs a minute, for whatever purpose, all heals of you together",
    )
    poll_seconds: Seconds = Field(
        40.0, ge=1, description="one question for all watched jobs, this often; sooner for young jobs, seldom when idle"
    )
    discover_after_s: Seconds = Field(
        60.0, ge=0, description="a job that only the queue knows is left to whoever submitted it for so long"
    )
    sentinel: bool = Field(
        False, description="a small job waits for those heal submits and tells of their end: for seldom questions"
    )
    partitions: tuple[str, ...] = Field(
        (), description="other partitions a job may be moved to where its own cannot give what it needs, best first"
    )
    pyslurm: str = Field(
        "auto",
        pattern="^(auto|never|[/~].*)$",
        description="auto: asked where heal's own Python has it; never; or the path of a Python that has it",
    )
    accounting_wait_s: Seconds = Field(
        20.0, ge=0, description="how long to wait for accounting that lags behind a failure"
    )
    log_wait_s: Seconds = Field(
        60.0, ge=0, description="how long after a job's end its log is waited for where it is not there yet, or empty"
    )
    site_spool: Path = Field(
        Path("/var/spool/heal"), description="where the site's SLURM hooks write, if it has any (docs/hooks.md)"
    )
    stuck_after_s: Seconds = Field(
        300.0,
        ge=0,
        description="a job whose reason to wait does not pass is a failure after this; 60 s where it is certain",
    )
    overlooked_after_s: float = Field(
        600.0,
        ge=1,
        le=86400,
        description="so long after its end a cancelled job counts as overlooked by Snakemake, which looks in 3 minutes",
    )
    failed_step_fails: bool = Field(
        default=False, description="a job that ended with 0 although a step of srun failed is a failure"
    )


class Settings(_Section):
    """All settings of one project. ``home`` is where the user's state lies ($HEAL_HOME)."""

    home: Path
    policy: Policy = Policy()
    budget: Budget = Budget()
    memory: Memory = Memory()
    time: Time = Time()
    sizing: Sizing = Sizing()
    slurm: Slurm = Slurm()
    arrays: Arrays = Arrays()
    in_flight: InFlight = InFlight()
    nextflow: Nextflow = Nextflow()
    patterns: Patterns = Patterns()
    privacy: Privacy = Privacy()
    model_budget: ModelBudget = ModelBudget()
    chain: ChainSettings = ChainSettings()
    patches: Patches = Patches()
    model: dict[str, Model] = Field({}, description="the models there are, by a name of your own")
    routes: dict[str, tuple[str, ...]] = Field(
        {}, description="role of the chain, or default, to names of models, the first to be asked first"
    )
    check: dict[str, Check] = Field({}, description="by name or glob of a rule, process or job name")

    _foreign: str = PrivateAttr("")

    @property
    def foreign(self) -> str:
        """Who owns the heal.toml, where that is neither this user nor root; else empty."""
        return self._foreign

    @property
    def database(self) -> Path:
        """The database file."""
        return places.database(self.home)

    @property
    def spool(self) -> Path:
        """Where events of runs that announce themselves arrive."""
        return places.spool(self.home)


def settings_file(start: Path) -> Path | None:
    """The heal.toml that holds for a folder: its own or the nearest one above."""
    return next((folder / FILE_NAME for folder in (start, *start.parents) if (folder / FILE_NAME).is_file()), None)


def load(start: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """Settings for a folder: defaults < heal.toml < ``HEAL_<SECTION>__<KEY>`` variables.

    Raises BadSettings, naming the file and line or the variable, and the nearest key that exists.
    """
    file = settings_file(start.absolute())
    values: dict[str, Any] = _read(file) if file else {}
    _check(values, str(file), _line_finder(file))
    for name, text in _variables(env):
        section, key = name.removeprefix("HEAL_").lower().split("__", 1)
        _check({section: {key: text}}, name, lambda _key: None)
        values.setdefault(section, {})[key] = text
    found = Settings.model_validate({"home": places.home_folder(env), **values})
    found._foreign = places.stranger(file) if file else ""  # noqa: SLF001 - set where it is made, and nowhere else
    return found


class Projects:
    """The settings that hold in a folder, read again when its heal.toml changed.

    ``own`` holds where no folder is known. ``adjust`` is applied to all (a flag that outranks heal.toml). A file that
    cannot be understood makes heal ask before anything there, and holds up no other project.
    """

    def __init__(self, own: Settings, adjust: Callable[[Settings], Settings]) -> None:
        self._own = own
        self._adjust = adjust
        self._read: dict[str, tuple[float, Settings]] = {}

    def __call__(self, folder: str) -> Settings:
        """The settings of a folder."""
        if not folder:
            return self._adjust(self._own)
        file = settings_file(Path(folder))
        changed = _changed(file)
        known = self._read.get(folder)
        if known is None or known[0] != changed:
            known = self._read[folder] = (changed, self._adjust(self._load(folder)))
        return known[1]

    def _load(self, folder: str) -> Settings:
        try:
            return load(Path(folder))
        except BadSettings as error:
            return self._own.model_copy(update={"policy": Asking.because(str(error))})


def _changed(file: Path | None) -> float:
    with suppress(OSError):
        return file.stat().st_mtime if file else 0.0
    return 0.0


def _variables(env: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in sorted(env.items()) if name.startswith("HEAL_") and "__" in name]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(
            f"{file}: cannot be read as TOML: {error}. Correct it, or remove it to use the defaults."
        ) from error


def _line_finder(file: Path | None) -> Any:
    lines = file.read_text(encoding="utf-8").splitlines() if file else []

    def line_of(key: str) -> int | None:
        # tomllib gives no positions; the first line that starts with the key is where a person will look
        return next((n for n, text in enumerate(lines, 1) if text.lstrip("[ \t\"'").startswith(key)), None)

    return line_of


def _check(values: Mapping[str, Any], origin: str, line_of: Any) -> None:
    try:
        Settings.model_validate({"home": "/", **values})
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]]
        where = f"{origin}:{line}" if (line := line_of(path[-1]) or line_of(path[0])) else origin
        if first["type"] == "extra_forbidden":
            raise BadSettings(f"{where}: unknown key '{'.'.join(path)}'{_suggestion(path)}") from error
        shown = re.sub(r"//[^/]*@", "//…@", repr(first["input"]))  # it may hold a key
        raise BadSettings(f"{where}: '{'.'.join(path)}' is {shown}: {first['msg']}.") from error


def _suggestion(path: list[str]) -> str:
    known = _keys() if len(path) > 1 else [name for name, _doc, _model in sections()]
    wanted = ".".join(path)
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5) or [
        k for k in known if k.split(".")[-1] == path[-1]
    ]
    near = near or difflib.get_close_matches(path[-1], [k.split(".")[-1] for k in known], n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known keys: {', '.join(known)}."


def _keys() -> list[str]:
    known: list[tuple[str, type[BaseModel]]] = [(section, model) for section, _doc, model in sections()]
    known += [("check.NAME", Check), ("model.NAME", Model)]
    return [f"{section}.{key}" for section, model in known for key in model.model_fields]


def sections() -> list[tuple[str, str, type[BaseModel]]]:
    """Name, meaning and model of each section of heal.toml, in order."""
    return [
        (name, (info.annotation.__doc__ or "").strip(), info.annotation)
        for name, info in Settings.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, _Section)
    ]
