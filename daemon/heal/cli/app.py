"""All commands: parse, call, print. Modules are loaded by the command that needs them."""

from __future__ import annotations

from typing import Annotated

import typer

from heal import __version__
from heal.cli import (
    ask,
    chain,
    daemon,
    diagnose,
    explain,
    hook,
    incidents,
    logs,
    models,
    optimize,
    patching,
    patterns,
    payload,
    project,
    resources,
    run,
    test_for,
    validate,
    wait,
)
from heal.cli.group import Group

app = typer.Typer(
    name="heal",
    cls=Group,
    help="A self-healing sidecar for Snakemake, Nextflow and SLURM pipelines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"heal {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A self-healing sidecar for Snakemake, Nextflow and SLURM pipelines."""


for part in (project, run, wait, incidents, patching, diagnose, explain, logs, patterns, resources):
    part.register(app)
for part in (ask, validate, optimize, test_for, models, payload, hook, daemon):
    part.register(app)
chain.register(app, patching.consulted)
