"""heal hook: put in place, or print, what makes SLURM, a job or a workflow tell heal of an end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from heal.cli.group import Group
from heal.errors import HookRefused
from heal.home import places

_LEFT_ELSE = "the lines that call it do nothing any more; take them out when you like"
_LEFT = {
    "nextflow": "take its lines out now: Nextflow does not start with a plugin or a configuration that is not there",
    "snakemake": "take its lines out of profiles now, unless heal is installed in Snakemake's own environment: "
    "Snakemake does not start with a logger that is not there",
}
SCRIPTS = Path("/etc/slurm/heal")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        cls=Group,
        help="Hooks: SLURM, a job or a workflow tells heal of an end at once (docs/hooks.md).",
        no_args_is_help=True,
    )
    group.command("install")(install)
    group.command("list")(list_)
    group.command("job", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(job)
    app.add_typer(group, name="hook")


_What = Annotated[str, typer.Argument(help="slurm, snakemake, nextflow or job.")]
_Print = Annotated[bool, typer.Option("--print", help="Print what is to be added, and change nothing.")]
_Uninstall = Annotated[bool, typer.Option("--uninstall", help="Take it away again.")]
_Users = Annotated[list[str] | None, typer.Option("--user", help="slurm: make (or remove) the folder of this user.")]
_Folder = Annotated[Path, typer.Option("--folder", help="slurm: where the scripts go.")]
_Spool = Annotated[Path | None, typer.Option("--spool", help="slurm: where the hooks write; else slurm.site_spool.")]
_Edited = Annotated[
    Path | None,
    typer.Option("--edit-conf", help="slurm, snakemake: put the lines into (or out of) this slurm.conf or profile."),
]
_Runs = Annotated[str | None, typer.Option("--slurm-user", help="slurm: who slurmctld runs as; else by slurm.conf.")]


def install(
    what: _What,
    *,
    only_print: _Print = False,
    uninstall: _Uninstall = False,
    user: _Users = None,
    folder: _Folder = SCRIPTS,
    spool: _Spool = None,
    edit_conf: _Edited = None,
    slurm_user: _Runs = None,
) -> None:
    """Put a hook in place, print it, or take it away. Twice is harmless."""
    from heal.home.hooks import HOOKS

    if what == "slurm":
        from heal.cli import hook_slurm

        site = hook_slurm.site(folder, spool, slurm_user, edit_conf)
        doing = hook_slurm.take_away if uninstall else hook_slurm.put
        said = hook_slurm.printed(site) if only_print else doing(site, user or (), edit_conf)
    elif what not in HOOKS:
        raise HookRefused(f"there is no hook {what!r}: slurm, snakemake, nextflow or job")
    elif user or slurm_user or spool or folder != SCRIPTS or (edit_conf and what != "snakemake"):
        known = "--user, --folder, --spool and --slurm-user are SLURM's, --edit-conf is SLURM's and Snakemake's"
        raise HookRefused(f"{known}, not those of {what}")
    else:
        said = _own(what, edit_conf, only_print=only_print, uninstall=uninstall)
    for line in said:
        typer.echo(line)


def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False) -> None:
    """Which hooks are in place here."""
    rows = list(found())
    if as_json:
        import json

        typer.echo(json.dumps({"hooks": [row._asdict() for row in rows]}))
        return
    for name, state, where in rows:
        typer.echo(f"{name:<9}  {state:<13}  {where}".rstrip())


def job(command: Annotated[list[str], typer.Argument(help="The command, after --.")]) -> None:
    """Run a command in a SLURM job and tell heal how it begins and ends; its exit code and signals are its own."""
    from heal.cli.hook_job import become_job

    become_job(["--", *command])


# --- the user's own ----------------------------------------------------------------------------


def _own(what: str, profile: Path | None, *, only_print: bool, uninstall: bool) -> Iterator[str]:
    from heal.cli import hook_snakemake
    from heal.home import hooks

    home = places.home_folder()
    if only_print:
        yield hooks.lines(home, what).rstrip("\n")
        return
    if uninstall:
        # the lines first: what they name is gone then
        yield from hook_snakemake.take_away(profile) if profile else ()
        gone = hooks.remove(home, what)
        yield f"removed {hooks.folder(home, what)}" if gone else f"{what}: nothing is installed"
        yield _LEFT.get(what, _LEFT_ELSE)
        return
    places.make(home)
    try:
        hooks.install(home, what)
    except OSError as error:
        raise HookRefused(f"{what}: nothing can be written: {error}") from error
    yield from hook_snakemake.put(profile) if profile else ()
    done = profile is not None and hook_snakemake.names_heal(profile)
    yield f"# installed in {hooks.folder(home, what)}{'' if done else '; add'}"
    yield (hooks.beside_a_profile(home) if done else hooks.lines(home, what)).rstrip("\n")


# --- what is there -----------------------------------------------------------------------------


class Row(NamedTuple):
    """One hook: whether it is ``installed``, ``changed`` (not by this heal), ``not installed`` or not usable; where."""

    name: str
    state: str
    where: str


_STATES = {True: "installed", None: "changed", False: "not installed"}


def found() -> Iterator[Row]:
    """Every hook, and what the site's spool holds for this user."""
    from heal.home import hooks

    home = places.home_folder()
    for name in hooks.HOOKS:
        state = hooks.installed(home, name)
        yield Row(name, _STATES[state], "" if state is False else str(hooks.folder(home, name)))
    yield from site_rows()


def site_rows() -> Iterator[Row]:
    """SLURM's hooks, as far as this user can see them."""
    from heal.home.site import SiteSpool
    from heal.home.slurm_site import Site
    from heal.settings import load

    settings = load(Path.cwd())
    own = SiteSpool(settings.slurm.site_spool, settings.spool / "bad")
    state = Site(SCRIPTS, own.base, "root").installed()
    yield Row("slurm", _STATES[state], "" if state is False else str(SCRIPTS))
    if own.folder is None or not own.folder.is_dir():
        yield Row("spool", "not there", f"an admin makes {own.folder}: heal hook install slurm --user {own.user}")
    elif why := own.refusal():
        yield Row("spool", "refused", why)
    else:
        lost = own.dropped()
        said = f"{own.folder}: {len(own.slips())} event(s) waiting" + (
            f", {lost} dropped when it was full" if lost else ""
        )
        yield Row("spool", "read", said)
