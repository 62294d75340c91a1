"""heal chain: show the healing chain that holds here, check one, and run it on an incident."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli.group import Group
from heal.errors import BadChain

if TYPE_CHECKING:
    from heal.chain.answer import Answer

_NO_FIX = 1
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (docs/chain.md).")]
Answers = Callable[[str], "Answer"]


def register(app: typer.Typer, answers: Answers | None = None) -> None:
    """Add the group. ``answers`` runs the chain on an incident, by what its id starts with; without it no `run`."""
    group = typer.Typer(cls=Group, help="Show, check and run the healing chain: who is asked for a patch, and how.")
    group.command("show")(show)
    group.command("check")(check)
    if answers is not None:
        group.command("run")(_run_by(answers))
    app.add_typer(group, name="chain", no_args_is_help=True)


def show(
    role: Annotated[str | None, typer.Option(help="Print what this role is told, as a model reads it.")] = None,
) -> None:
    """Print the chain that holds here, as it stands in its file; or the prompt of one of its roles."""
    from heal.chain.plan_file import default_file, load
    from heal.chain.prompts import SAMPLES, Prompts

    file = _file()
    if role is None:
        typer.echo(f"# {file or default_file()}")
        typer.echo((file or default_file()).read_text(encoding="utf-8"), nl=False)
        return
    plan = load(file)
    if role not in plan.roles or plan.roles[role].prompt is None:
        asked = ", ".join(name for name, each in plan.roles.items() if each.prompt)
        raise BadChain(f"no role {role!r} of this chain asks a model; those that do: {asked}")
    typer.echo(Prompts(file).render(role, plan.roles[role], SAMPLES[0]), nl=False)


def check(
    file: Annotated[Path | None, typer.Argument(help="A chain's file; without one the chain that holds here.")] = None,
) -> None:
    """Read a chain and render each of its prompts, so that a mistake is found before use. Exit code 2 where one is."""
    from heal.chain.opening import opened
    from heal.chain.plan_file import default_file

    chosen = file or _file()
    plan, _prompts = opened(chosen)
    asks = [f"{name} ({each.route or name})" for name, each in plan.roles.items() if each.kind == "model"]
    typer.echo(f"{chosen or default_file()}: good")
    typer.echo(
        f"  asks {', '.join(asks)}; at most {plan.loop.rounds} rounds of {', '.join((plan.loop.start, *plan.loop.to))}"
    )


def _run_by(answers: Answers) -> Callable[..., None]:
    def run(
        incident: Annotated[str, typer.Option(help="The incident, or what its id starts with.")],
        said: Annotated[bool, typer.Option("--said", help="Print what each model said, too.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Run the chain on an incident now, and print what it came to. Exit code 1 where there is no fix."""
        from heal.chain.telling import lines, shape

        answer = answers(incident)
        if as_json:
            typer.echo(json.dumps(shape(answer), ensure_ascii=False))
        else:
            typer.echo("\n".join(lines(answer, said=said)))
        raise typer.Exit(0 if answer.draft else _NO_FIX)

    return run


def _file() -> Path | None:
    """The file that heal.toml names; None where heal's own chain holds."""
    from heal.chain.opening import located
    from heal.settings import load, settings_file

    return located(load(Path.cwd()).chain.file, settings_file(Path.cwd()))
