"""heal hook install slurm: the site's side, put in place by root on the controller's host."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from heal.errors import HookRefused
from heal.home import marked, slurm_conf
from heal.home.slurm_site import Site, edit
from heal.settings import load

_CONF = Path("/etc/slurm/slurm.conf")
_RESTART = "slurmctld takes the lines up when it is restarted, not by scontrol reconfigure; jobs go on meanwhile"


def site(folder: Path, spool: Path | None, slurm_user: str | None, conf: Path | None) -> Site:
    """What is meant by the options, the settings and slurm.conf. Raises HookRefused."""
    said = ""
    known = conf or _conf()
    if slurm_user is None and known.exists():
        said = slurm_conf.value(marked.read(known), "SlurmUser").partition("(")[0]
    # man slurm.conf: SlurmUser is root where it is not set
    return Site(
        folder.absolute(), (spool or load(Path.cwd()).slurm.site_spool).absolute(), slurm_user or said or "root"
    )


def _conf() -> Path:
    return Path(os.environ.get("SLURM_CONF") or _CONF)


def printed(site: Site) -> Iterator[str]:
    """The lines for slurm.conf, and what else there is to know."""
    yield f"# slurm.conf on the controller's host, for slurmctld running as {site.slurm_user}:"
    yield from (f"{name}={value}" for name, value in site.settings().items())
    yield f"# events go to {site.spool}/<user>/, for users whose folder is there: heal hook install slurm --user NAME"
    yield f"# {_RESTART}"


def put(site: Site, users: Sequence[str], conf: Path | None) -> Iterator[str]:
    """Put scripts, spool, users' folders and lines in place; what was done. Raises HookRefused, OSError."""
    # read before anything is changed
    before = None if conf is None else marked.read(conf)
    try:
        site.install()
        for user in users:
            site.admit(user)
    except PermissionError as error:
        raise HookRefused(f"{error}: SLURM's hooks are installed by root") from error
    yield f"scripts in {site.scripts}, spool {site.spool}, both for slurmctld running as {site.slurm_user}"
    yield from (f"{user}: the hooks write to {site.spool / user}" for user in users)
    if conf is None or before is None:
        yield from printed(site)
    else:
        yield from _edited(site, conf, before)


def _edited(site: Site, conf: Path, before: str) -> Iterator[str]:
    settings, hooks = site.settings(), site.settings()
    for one in slurm_conf.taken(before, settings):
        hook = hooks["EpilogSlurmctld" if one.name == "EpilogSlurmctld" else "JobCompLoc"]
        yield f"{conf}:{one.line} sets {one.name}={one.value}, which stays: let that call {hook}, or take the line out"
        for name in ("EpilogSlurmctld",) if one.name == "EpilogSlurmctld" else ("JobCompType", "JobCompLoc"):
            settings.pop(name, None)
    kept = edit(conf, slurm_conf.with_block(before, settings) if settings else marked.without_block(before))
    yield f"{conf}: heal's lines are in; the file as it was: {kept}" if kept else f"{conf} stays as it is"
    if kept:
        yield _RESTART


def take_away(site: Site, users: Sequence[str], conf: Path | None) -> Iterator[str]:
    """Take users' folders away, and without any the rest too; what was done. Raises HookRefused, OSError."""
    try:
        for user in users:
            gone = site.dismiss(user)
            yield f"{user}: removed {site.spool / user}" if gone else f"{user} has no folder in {site.spool}"
        if conf is not None:
            kept = edit(conf, marked.without_block(marked.read(conf)))
            yield (
                f"{conf}: heal's lines are out; the file as it was: {kept}"
                if kept
                else f"{conf} has none of heal's lines"
            )
        if users and conf is None:
            return
        _refuse_if_named(site, conf or _conf())
        left = site.remove()
        yield f"removed the scripts in {site.scripts}"
        yield from (f"left {text}" for text in left)
    except PermissionError as error:
        raise HookRefused(f"{error}: SLURM's hooks are removed by root") from error


def _refuse_if_named(site: Site, conf: Path) -> None:
    """A slurmctld whose configuration names a script that is gone complains at each job, and may not start."""
    if not conf.exists():
        return
    text = marked.read(conf)
    named = [name for name in site.settings() if slurm_conf.value(text, name).startswith(f"{site.scripts}/")]
    if named:
        raise HookRefused(
            f"{conf} still sets {' and '.join(named)} to heal's scripts: take the lines out first, or give "
            f"--edit-conf {conf}. The scripts stay."
        )
