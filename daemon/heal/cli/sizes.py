"""The page of ``heal resources``: a table a pipeline, what would fit, and the same as text to put into a file. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from heal.engines import nextflow_resources
from heal.engines.overlay import entries
from heal.knowledge.fitting import Figure
from heal.knowledge.sizing import Row
from heal.units import minutes, size

_ENGINES = {"snakemake": "Snakemake", "nextflow": "Nextflow", "sbatch": "jobs by hand"}
_HEADS = ("PROCESS", "JOBS", "FAILED", "MEMORY", "TIME", "CPUS", "WASTED")
_GAP = "   "


def by_pipeline(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows of each pipeline, by folder and engine, in the order they come."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.whose.pipeline, row.whose.engine), []).append(row)
    return found


def page(rows: Sequence[Row], since: str) -> Iterator[str]:
    """All of it, line by line."""
    if not rows:
        yield f"no job that ended since {since} is known here"
        return
    for (folder, engine), of in by_pipeline(rows).items():
        yield f"{folder or 'elsewhere'} · {_ENGINES.get(engine, engine)} · since {since}"
        cells = [_HEADS, *(line for row in of for line in _lines(row))]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for line in cells:
            padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            yield "  " + _GAP.join(padded).rstrip()
        yield ""
    jobs, core = sum(row.jobs for row in rows), sum(row.wasted_core_hours for row in rows)
    gb = sum(row.wasted_gb_hours for row in rows)
    yield f"{jobs:,} jobs held {core:,.0f} core-hours and {gb:,.0f} GB-hours that they did not use"


def _lines(row: Row) -> Iterator[tuple[str, ...]]:
    yield _cells(row.whose.process, row)
    for part in row.by_input:
        yield _cells(f"  inputs to {size(part.input_mb or 0)}", part)


def _cells(name: str, row: Row) -> tuple[str, ...]:
    causes = [f"{row.out_of_memory} memory"] if row.out_of_memory else []
    causes += [f"{row.timed_out} time"] if row.timed_out else []
    failed = f"{row.failed:,}" + (f" ({', '.join(causes)})" if causes else "")
    busy = "" if row.cpu_efficiency is None else f", {row.cpu_efficiency:.0%} busy"
    return (
        name,
        f"{row.jobs:,}",
        failed,
        _figure(row.memory_mb, size),
        _figure(row.time_min, _time),
        _figure(row.cpus, _count) + busy,
        f"{row.wasted_core_hours:,.0f} core-h, {row.wasted_gb_hours:,.0f} GB-h",
    )


def _figure(one: Figure, said: Any) -> str:
    asked = said(one.asked) if one.asked is not None else "?"
    used = f", used {said(one.usual)}, most {said(one.most)}" if one.usual is not None and one.most is not None else ""
    more = " or more" if one.at_least else ""
    return f"{asked}{used}" + (f" → {said(one.proposed)}{more}" if one.proposed is not None else "")


def _time(value: float) -> str:
    return minutes(value) if value >= 10 else f"{value:.1f} min"  # noqa: PLR2004 - tenths say something below


def _count(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


# --- to be taken over ---------------------------------------------------------------------------


def overlay(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """What Snakemake's rules are to ask for, by its own names; cpus are advice alone (docs/decisions.md)."""
    found = {row.whose.process: _wanted(row, "mem_mb", "runtime") for row in rows if row.whose.engine == "snakemake"}
    return {rule: asked for rule, asked in found.items() if asked}


def processes(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """What Nextflow's processes are to ask for, by its own names."""
    found = {row.whose.process: _wanted(row, "memory", "time") for row in rows if row.whose.engine == "nextflow"}
    return {process: asked for process, asked in found.items() if asked}


def _wanted(row: Row, memory: str, time: str) -> dict[str, int]:
    figures = {memory: row.memory_mb.proposed, time: row.time_min.proposed}
    return {name: int(value) for name, value in figures.items() if value is not None}


def patch(rows: Sequence[Row]) -> Iterator[str]:
    """The same as text, for a profile, a configuration or a command line of the user's own."""
    for (folder, engine), of in by_pipeline(rows).items():
        lines = list(_WRITTEN[engine](of))
        if lines:
            yield f"{'//' if engine == 'nextflow' else '#'} {folder or 'elsewhere'}"
            yield from lines
            yield ""


def _snakemake(rows: Sequence[Row]) -> Iterator[str]:
    if wanted := overlay(rows):
        yield f"# on the command line: --set-resources {' '.join(entries(wanted))}"
        yield "# in a profile's config.yaml:"
        yield "set-resources:"
        for rule, asked in sorted(wanted.items()):
            yield f"  {rule}:"
            yield from (f"    {name}: {value}" for name, value in sorted(asked.items()))


def _nextflow(rows: Sequence[Row]) -> Iterator[str]:
    if wanted := processes(rows):
        yield "// in nextflow.config; SLURM tells ':' and '_' of a name apart no more, so both fit"
        yield from nextflow_resources.lines(wanted)


def _sbatch(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        flags: Mapping[str, int] = _wanted(row, "mem", "time")
        if flags:
            said = " ".join(f"--{name}={value}{'M' if name == 'mem' else ''}" for name, value in flags.items())
            yield f"#SBATCH {said}   # {row.whose.process}"


_WRITTEN = {"snakemake": _snakemake, "nextflow": _nextflow, "sbatch": _sbatch}


# --- for programs -------------------------------------------------------------------------------


def shape(rows: Sequence[Row], since: str) -> dict[str, Any]:
    """The JSON of docs/cli.md."""
    return {"since": since, "resources": [_shape(row) for row in rows]}


def _shape(row: Row) -> dict[str, Any]:
    return {
        "pipeline": row.whose.pipeline,
        "engine": row.whose.engine,
        "process": row.whose.process,
        "input_mb": row.input_mb,
        "jobs": row.jobs,
        "well": row.well,
        "failed": row.failed,
        "out_of_memory": row.out_of_memory,
        "timed_out": row.timed_out,
        "memory_mb": _amounts(row.memory_mb),
        "time_min": _amounts(row.time_min),
        "cpus": _amounts(row.cpus),
        "cpu_efficiency": None if row.cpu_efficiency is None else round(row.cpu_efficiency, 4),
        "core_hours": round(row.core_hours, 3),
        "wasted_core_hours": round(row.wasted_core_hours, 3),
        "wasted_gb_hours": round(row.wasted_gb_hours, 3),
        "by_input": [_shape(part) for part in row.by_input],
    }


def _amounts(one: Figure) -> dict[str, Any]:
    rounded = {"asked": one.asked, "usual": one.usual, "most": one.most, "proposed": one.proposed}
    numbers = {name: None if value is None else round(value, 3) for name, value in rounded.items()}
    return {**numbers, "at_least": one.at_least, "why": one.why or None}
