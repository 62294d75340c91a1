"""heal diff, heal revert, and a person's own hand at a patch before their yes."""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli.incidents import reading

if TYPE_CHECKING:
    from heal.chain.answer import Answer
    from heal.consulting.approval import Yes
    from heal.journal import Consulted
    from heal.patch import Draft, Objection
    from heal.patches.pull_request import Facts
    from heal.patches.repository import Repository
    from heal.records import Incident
    from heal.settings import Settings
    from heal.steps.consult import Matter
    from heal.store import Store


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("diff")(diff)
    app.command("revert")(revert)


def diff(
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    mail: Annotated[bool, typer.Option("--mail", help="As a mail that git am takes.")] = False,
    pull_request: Annotated[bool, typer.Option("--pull-request", help="The text of a pull request.")] = False,
) -> None:
    """Show the change that heal proposes: coloured word by word on a terminal, else as git apply takes it."""
    from heal.cli import patches

    with reading() as store:
        one = store.incident(incident)
        answer = _answer(store, one)
        draft = _draft(one, answer)
        repository = _repository(draft)
        if mail:
            patches.print_export(repository, draft)
        elif pull_request:
            patches.print_pull_request(draft, _facts(store, one, answer))
        else:
            patches.print_diff(repository, draft)


def revert(incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")]) -> None:
    """Take back the change that was put into your files for an incident; by a commit where it came by one."""
    from heal.settings import load

    settings = load(Path.cwd())
    with reading() as store:
        one = store.incident(incident)
        draft, token = _draft(one, _answer(store, one)), _landed(store, one)
    commit = _repository(draft).revert(token)
    _tell(settings, one, {"answer": "revert", "why": f"commit {commit[:12]}"})
    typer.echo(f"incident {one.id}: taken back, kept as commit {commit[:12]}: {', '.join(draft.files)}")


def approved(matter: Matter, yes: Yes) -> str:
    """Keep a person's yes to what models on other hosts are sent about an incident, and have them asked."""
    from heal.cli.narrator import Narrator
    from heal.consulting import approval
    from heal.service import Service, tended
    from heal.settings import load

    one, settings = matter.incident, load(Path(matter.run.cwd))
    approval.keep(settings.home, one.id, yes)
    if who := tended(settings, one.lineage):
        _tell(settings, one, {"answer": "consult"})
        return f"heal: incident {one.id}: your yes is on its way to {who}"
    with Service(settings, Narrator, role="heal payload", foreground=True, lineage=one.lineage) as service:
        if not service.loop.consult(one, by=getpass.getuser()):
            return f"heal: incident {one.id} waits for no model; your yes is kept"
        service.until_quiet(None)
    return f"heal: incident {one.id}: models were asked · heal show {one.id}"


def consulted(prefix: str) -> Answer:
    """What the healing chain comes to about an incident, asked now; a draft of it stays on its branch.

    Drafts of earlier calls that are too old go first.
    """
    from heal import wiring
    from heal.cli.interrupts import told_to_end
    from heal.cli.matters import matter_of
    from heal.consulting.leftovers import expired
    from heal.home import places
    from heal.settings import load
    from heal.store import Store

    with Store.open(places.database(places.home_folder())) as store:
        matter = matter_of(store, prefix)
        settings = load(Path(matter.run.cwd))
        expired(store, [matter.run.cwd], lambda _folder: settings, wiring.now())
        calls = wiring.commands(settings, ceiling=False) if wiring.slurm(wiring.commands(settings)) else None
        consultant = wiring.consultant(store, calls)
        with told_to_end(consultant.close):
            return consultant.answer(matter, settings)


def edited(store: Store, one: Incident) -> Consulted | None:
    """The patch as a person leaves it in their editor; None where they left it as it was.

    Raises PatchRefused where what they left cannot be kept, or is not what they mean.
    """
    from heal.consulting.matters import matter_of
    from heal.consulting.work import amended
    from heal.errors import PatchRefused

    editor = _editor()
    answer = _answer(store, one)
    repository = _repository(_draft(one, answer))
    draft = repository.restored(_draft(one, answer))
    files = [str(draft.worktree / name) for name in draft.files]
    code = subprocess.run([*editor, *files], cwd=draft.worktree, check=False).returncode
    if code:
        raise PatchRefused(f"{shlex.join(editor)} ended with exit code {code}: nothing was accepted")
    made = repository.edited(draft)
    if made.commit == draft.commit:
        return None
    # neither the guard nor a parser asks what the scheduler says
    found = amended(answer, made, getpass.getuser(), matter_of(store, one.id, lambda _run, _try: {}), store.newest_in)
    if not _meant(found):
        raise PatchRefused(f"nothing was accepted; heal accept {one.id} --edit goes on with what is in {made.worktree}")
    repository.amend(draft, made)
    return found


def _editor() -> list[str]:
    """The words of the person's editor. Raises BadSettings where they cannot be told apart, or there is none.

    A blank variable counts as unset: with no word of its own the command would be the patched file itself.
    """
    from heal.errors import BadSettings

    for name in ("VISUAL", "EDITOR"):
        said = os.environ.get(name, "")
        try:
            words = shlex.split(said)
        except ValueError as error:
            raise BadSettings(f"{name} is no command: {said!r}: {error}. Correct it; nothing was accepted.") from error
        if words and words[0]:
            return words
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        # into a pipe vi draws its screen, and waits for keys that nobody can type
        raise BadSettings(
            "neither VISUAL nor EDITOR names an editor, and vi needs a terminal, which is not here; "
            "set one of them, or call it on a terminal. Nothing was accepted."
        )
    return ["vi"]


def _meant(found: Consulted) -> bool:
    """Tell what speaks against a person's own edit; whether they mean what would be refused of a model."""
    from heal.cli.visible import visible
    from heal.records import Verdict

    said = {verdict: [_said(one) for one in found.objections if one.verdict is verdict] for verdict in Verdict}
    unread = [trial.said for trial in found.trials if trial.name == "parses" and trial.passed is False]
    refused = [*said[Verdict.REFUSE], *"\n".join(unread).splitlines()]
    for word, lines in (("mind", said[Verdict.ASK]), ("of a model this is refused", refused)):
        for line in lines:
            typer.echo(f"heal: {word}: {visible(line)}", err=True)
    if not refused:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        typer.echo("heal: on a terminal you are asked whether you mean it; there is none here", err=True)
        return False
    return typer.confirm("heal: accept it all the same?", default=False, err=True)


def _said(one: Objection) -> str:
    return f"{one.path}:{one.line}: {one.why} [{one.rule}]"


# --- what is there -----------------------------------------------------------------------------


def _answer(store: Store, one: Incident) -> Consulted:
    from heal.errors import NothingThere
    from heal.journal import Consulted

    bodies = [entry.body for entry in reversed(store.journal(one.id))]
    found = next((body for body in bodies if isinstance(body, Consulted) and body.draft), None)
    if found is None:
        raise NothingThere(f"incident {one.id} has no patch; heal show {one.id} tells what it has")
    return found


def _draft(one: Incident, answer: Consulted) -> Draft:
    if answer.draft is None:
        raise LookupError(f"no draft in an answer that was chosen for its draft: {one.id}")
    return answer.draft


def _facts(store: Store, one: Incident, answer: Consulted) -> Facts:
    from heal.cli.shapes import diagnosis_of
    from heal.patches.pull_request import Facts

    found = diagnosis_of([entry.body for entry in store.journal(one.id)])
    return Facts(
        incident=one.id,
        cause=answer.cause or (found.cause if found else ""),
        confidence=found.confidence if found else None,
        citations=(*([found.root] if found and found.root else []), *(found.citations if found else ())),
        by=", ".join(answer.models),
        trials=answer.trials,
        objections=answer.objections,
        reruns=answer.reruns,
    )


def _landed(store: Store, one: Incident) -> str:
    """The token under which its patch was put into the user's files."""
    from heal.errors import NothingThere
    from heal.journal import Applying
    from heal.records import FixKind

    bodies = [entry.body for entry in reversed(store.journal(one.id))]
    done = (body for body in bodies if isinstance(body, Applying) and body.fix.kind is FixKind.PATCH)
    found = next(done, None)
    if found is None:
        raise NothingThere(f"no patch of incident {one.id} was put into your files, so there is none to take back")
    return f"{found.token}-{one.id}"


def _repository(draft: Draft) -> Repository:
    from heal.consulting.work import repository_of

    return repository_of(draft)


def _tell(settings: Settings, one: Incident, said: dict[str, object]) -> None:
    """Let whoever looks after the run, or the next heal, know it."""
    from heal.home import sessions

    sessions.spool_for(settings.home, one.lineage).drop(
        "approval", {"incident": one.id, "by": getpass.getuser(), **said}
    )
