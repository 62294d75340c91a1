"""Sections of heal.toml about what a project's tasks need and make; ``heal.settings`` puts all sections together."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

# what a check's command may name; any other word in braces is the shell's or awk's
PLACEHOLDERS = ("outputs", "inputs", "task", "process", "job", "workdir")
# a hundred years: a clock moved by more may leave the years there are, and nobody means to wait longer
_LONGEST_S = 100 * 365.25 * 86400
Seconds = Annotated[float, Field(le=_LONGEST_S)]
Minutes = Annotated[float, Field(le=_LONGEST_S / 60)]
Days = Annotated[float, Field(le=_LONGEST_S / 86400)]
# a request is multiplied by it, and must stay a number
Times = Annotated[float, Field(le=1000)]


class Section(BaseModel):
    """A part of the settings: frozen, and a key it does not know is an error."""

    # inf is no number of seconds that a time can be moved by
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sizing(Section):
    """How requests are sized from what jobs used before (heal resources)."""

    quantile: float = Field(0.95, gt=0, le=1, description="the share of the jobs that a request is sized for")
    margin: Times = Field(0.2, ge=0, description="what is added to it; never below the most that a job ended well with")
    jobs: int = Field(10, ge=1, description="fewer jobs than this are too few to propose anything")


class InFlight(Section):
    """How a task is healed while its run goes on, before the engine gives it up."""

    wait_seconds: float = Field(
        600.0,
        ge=0,
        le=86400,
        description="the engine keeps a failed task so long for heal's answer; 0: heal waits for the run's end",
    )
    in_jobs: bool = Field(
        default=False, description="an engine in a job that you submit with sbatch under heal run is followed as well"
    )


class Nextflow(Section):
    """What heal does for Nextflow besides."""

    write_exitcode: bool = Field(
        default=True,
        description="write the .exitcode that a killed job could not, so that Nextflow learns of its end in seconds",
    )


class Arrays(Section):
    """How the failed elements of job arrays are submitted again."""

    canary_from: int = Field(
        10, ge=0, description="of so many failed jobs of one cause one runs again first, the rest if it is well; 0: all"
    )
    gather_seconds: Seconds = Field(
        30.0, ge=0, description="while others of an array still run: wait so long for more that fail the same way"
    )


class Patterns(Section):
    """Where more patterns are kept, beside the ones heal ships."""

    folders: tuple[Path, ...] = ()


class Check(Section):
    """What is looked at after a task that ended well, before heal believes it (docs/checks.md)."""

    command: str | None = Field(None, min_length=1, description="a command line for sh; {outputs}, {inputs}, {task} …")
    outputs: Literal["exist", "not_empty", "gzip", "bam"] | None = Field(None, description="what heal looks at itself")
    files: tuple[str, ...] = Field(
        (), description="paths and globs in the work folder, where they are not the outputs the engine declares"
    )
    seconds: float = Field(60.0, gt=0, le=3600, description="a check that takes longer says nothing")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.command is None and self.outputs is None:
            raise ValueError("it names no check: give it a command, or outputs")
        for name in re.findall(r"\{([a-z_]+)\}", self.command or ""):
            near = difflib.get_close_matches(name, PLACEHOLDERS, n=1, cutoff=0.75)
            if near and name not in PLACEHOLDERS:
                raise ValueError(f"unknown placeholder {{{name}}}; did you mean {{{near[0]}}}?")
        return self
