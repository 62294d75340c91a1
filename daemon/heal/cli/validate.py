"""heal validate: what is wrong with a pipeline's folder before anything of it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heal.cli.leaving import Shown

if TYPE_CHECKING:
    from heal.advice.issues import Issue, RemarkGiver, Report
    from heal.advice.requests import Site
    from heal.settings import Settings

_WRONG = 1
_WITH_A_MODEL = (
    "with a model ([model] in heal.toml): remarks on what rules cannot read, as a wrong idea in a script or a command"
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate")(validate)


def validate(
    path: Annotated[Path, typer.Argument(help="The folder your pipeline lies in.")] = Path(),
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Ask no model, where one is configured.")] = False,
    payload: Shown = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """Check a pipeline's files, its engine's own validators, and what it asks SLURM for; nothing is changed or run."""
    if payload:
        if rules_only:
            raise typer.BadParameter("with --rules-only no model is asked: there is no --payload")
        _shown(path, as_json=as_json)
        return
    settings = _settings(path)
    if rules_only or settings is None or not settings.model:
        _told(path, as_json=as_json, remarks=None)
        return
    from heal import wiring
    from heal.consulting.hiding import redactor
    from heal.consulting.remarks import ROLE, Remarks
    from heal.consulting.sending import Sending
    from heal.home import places
    from heal.payload.archive import Archive
    from heal.store import Store

    places.make(settings.home)
    with Store.open(settings.database) as store:
        asker = wiring.consultant(store, None).models(settings)
        sending = Sending(ROLE, asker, Archive(path), wiring.now)
        _told(path, as_json=as_json, remarks=Remarks(sending, lambda: redactor(settings)))


def _shown(path: Path, *, as_json: bool) -> None:
    """Print what a model would be sent after all was checked; no model need be configured."""
    from heal import wiring
    from heal.advice.validating import validate as validated
    from heal.cli.leaving import printed, row
    from heal.consulting.hiding import redactor
    from heal.consulting.remarks import FORM, ROLE, asked_with
    from heal.consulting.windows import ASSUMED, known
    from heal.home import places
    from heal.settings import load
    from heal.store import Store

    settings = load(path)
    told: list[tuple[Report, Mapping[str, str]]] = []

    def listens(report: Report, texts: Mapping[str, str]) -> Sequence[Issue]:
        told.append((report, texts))
        return ()

    validated(path, os.environ, _site, listens)
    places.make(settings.home)
    with Store.open(settings.database) as store:
        window = known(wiring.consultant(store, None).models(settings), ROLE)
    made = [asked_with(*one, window or ASSUMED, redactor(settings)) for one in told]
    printed(None, [row(ROLE, one, FORM, window) for one in made], as_json=as_json)


def _settings(path: Path) -> Settings | None:
    """The settings that hold there; None where they cannot be read, which is a finding itself."""
    from heal.errors import BadSettings
    from heal.settings import load

    try:
        return load(path)
    except BadSettings:
        return None


def _told(path: Path, *, as_json: bool, remarks: RemarkGiver | None) -> None:
    """Check and print; ``remarks`` is the model that reads along, None without one."""
    from heal.advice.validating import validate as validated

    report = validated(path, os.environ, _site, remarks)
    if as_json:
        import json

        typer.echo(json.dumps(shape(report), ensure_ascii=False))
    else:
        for line in page(report, with_model=remarks is not None):
            typer.echo(line)
    if report.wrong:
        raise typer.Exit(_WRONG)


def _site() -> Site:
    from heal import wiring
    from heal.advice.slurm_site import ask
    from heal.errors import BadSettings
    from heal.schedulers.slurm_rules import Rulebook
    from heal.schedulers.slurm_told import user_of
    from heal.settings import Settings, load

    try:
        settings = load(Path.cwd())
    except BadSettings:
        # it is one of the findings; asking SLURM needs none of it
        from heal.home import places

        settings = Settings(home=places.home_folder(os.environ))
    calls = wiring.commands(settings, ceiling=False)
    return ask(calls, Rulebook(calls, wiring.now, user_of(str(os.geteuid()))))


def page(report: Report, *, with_model: bool) -> Iterator[str]:
    """All of it for a person, line by line."""
    for issue in report.issues:
        yield _line(issue)
        if issue.do:
            yield f"         → {issue.do}"
    if report.issues:
        yield ""
    count = {name: sum(issue.severity == name for issue in report.issues) for name in ("error", "warning", "remark")}
    found = ", ".join(f"{number} {name}{'s' if number != 1 else ''}" for name, number in count.items())
    yield f"{found if report.issues else 'nothing wrong'} · looked at: {', '.join(report.checked)}"
    for name, why in report.unchecked.items():
        yield f"not checked: {name}: {why}"
    if not with_model:
        yield _WITH_A_MODEL


def _line(issue: Issue) -> str:
    where = f"{issue.file}:{issue.line}" if issue.line else issue.file
    said = f"{where}: {issue.what}" if where else issue.what
    return f"{issue.severity.value:<8} {said}" + (f" ({issue.by})" if issue.by != "heal" else "")


def shape(report: Report) -> dict[str, Any]:
    """The JSON of docs/cli.md."""
    return {
        "ok": not report.wrong,
        "findings": [
            {
                "severity": issue.severity.value,
                "file": issue.file,
                "line": issue.line,
                "what": issue.what,
                "do": issue.do,
                "by": issue.by,
            }
            for issue in report.issues
        ],
        "checked": list(report.checked),
        "unchecked": [{"what": name, "why": why} for name, why in report.unchecked.items()],
    }
