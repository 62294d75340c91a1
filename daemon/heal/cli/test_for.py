"""heal test-for: a regression test for a failure, printed, or written beside the pipeline as new files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heal.errors import NoTest

if TYPE_CHECKING:
    from heal.advice.regression import Failed, Plan

_WITH_A_MODEL = (
    'with a model ([model] in heal.toml): heal ask "what else would break this?" {incident} reads the code that failed'
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test-for")(regression_test)


def regression_test(
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    write: Annotated[bool, typer.Option("--write", help="Write it to tests/ in the project, as new files.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """A test that runs the failed task alone on the inputs it failed on: it fails until that is mended."""
    from heal.advice.regression import plan
    from heal.engines.checking import environment

    failed = _failed(incident)
    made = plan(failed, environment(failed.run.env_file))
    if write:
        from heal.advice.writing import written

        written(made)
    if as_json:
        import json

        typer.echo(json.dumps(shape(made, write=write), ensure_ascii=False))
    else:
        if not write:
            # alone, so that it can be sent to a file
            typer.echo(made.files[0].text, nl=False)
        more = [] if _asks_models(made) else [_WITH_A_MODEL.format(incident=failed.incident.id)]
        for line in (*page(made, write=write), *more):
            typer.echo(line, err=not write)


def _asks_models(made: Plan) -> bool:
    """True where a model is configured; settings that cannot be read are no reason to have no test."""
    from heal.errors import BadSettings
    from heal.settings import load

    try:
        return bool(load(made.project).model)
    except BadSettings:
        return False


def _failed(prefix: str) -> Failed:
    """The first of the incident's tasks: the one that was diagnosed."""
    from heal.advice.regression import Failed
    from heal.cli.shapes import diagnosis_of
    from heal.home import places
    from heal.store import Store

    with Store.open(places.database(places.home_folder()), read_only=True) as store:
        one = store.incident(prefix)
        attempts = store.members(one.id)
        diagnosis = diagnosis_of([entry.body for entry in store.journal(one.id)])
        run = store.run(attempts[0].run_id) if attempts else None
    if run is None:
        raise NoTest(f"incident {one.id}: the launch of its task is not known")
    return Failed(one, diagnosis, attempts[0], run)


def page(made: Plan, *, write: bool) -> Iterator[str]:
    """What belongs to the test, and how it is run."""
    for file in made.files:
        yield f"{'written' if write else 'would be'}: {made.project / file.path}"
    for one in made.kept:
        is_kept = "kept" if write else "to be kept"
        yield f"input {is_kept}: {made.data}/{one.name} ({one.size:,} bytes, sha256 {one.sha256})"
    for name, why in made.elsewhere.items():
        yield f"input not kept: {name}: {why}"
    for note in made.notes:
        yield f"note: {note}"
    yield f"run it: {made.command}" if write else "heal test-for --write puts it there; no file of yours is changed"


def shape(made: Plan, *, write: bool) -> dict[str, Any]:
    """The JSON of docs/cli.md."""
    return {
        "project": str(made.project),
        "written": write,
        "files": [{"path": file.path, "text": file.text, "executable": file.executable} for file in made.files],
        "inputs": [
            *(
                {"path": str(one.source), "kept": f"{made.data}/{one.name}", "bytes": one.size, "sha256": one.sha256}
                for one in made.kept
            ),
            *({"path": name, "kept": None, "why": why} for name, why in made.elsewhere.items()),
        ],
        "notes": list(made.notes),
        "command": made.command,
    }
