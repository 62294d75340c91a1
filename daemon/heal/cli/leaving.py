"""What would leave for a model, or has left: a row for each question, the same for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from heal.dialogue import Message
    from heal.payload.archive import Sent
    from heal.payload.build import Payload

Rows = Sequence[Mapping[str, Any]]
Shown = Annotated[
    bool, typer.Option("--payload", help="Print, byte for byte, what a model would be sent; nothing is sent.")
]


def row(role: str, payload: Payload, form: Mapping[str, Any] | None, window: int | None) -> dict[str, Any]:
    """One question before it is sent, cut to the window; None: to the one that is assumed."""
    from heal.payload.archive import manifest

    return {
        "role": role,
        "messages": _turns(payload.messages),
        "schema": dict(form) if form else None,
        "manifest": manifest(payload),
        "window": window,
    }


def kept(one: Sent) -> dict[str, Any]:
    """One that was sent."""
    return {"role": one.role, "time": one.time, "messages": _turns(one.messages), "manifest": one.manifest}


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": each.role, "content": each.text} for each in messages]


def printed(incident: str | None, rows: Rows, *, as_json: bool) -> None:
    """Print them: the texts on stdout, what they hold on stderr."""
    if as_json:
        import json

        typer.echo(json.dumps({"incident": incident, "payloads": rows}, ensure_ascii=False))
        return
    for each in rows:
        for line in _summary(each):
            typer.echo(line, err=True)
        for turn in each["messages"]:
            typer.echo(f"[{turn['role']}]\n{turn['content']}", nl=not turn["content"].endswith("\n"))


def _summary(row: Mapping[str, Any]) -> Iterator[str]:
    told = row["manifest"]
    when = f", sent {row['time']}" if "time" in row else ", not sent"
    yield f"heal: {row['role']}{when}: about {told['tokens']:,} tokens"
    for part in told["parts"]:
        out = f", {part['left_out']:,} lines left out" if part["left_out"] else ""
        yield f"heal:   {part['name']}: {part['tokens']:,} tokens{out}"
    for file in told["files"]:
        yield f"heal:   {file['path']}:{file['first']}-{file['last']}" if file["last"] else f"heal:   {file['path']}"
    hidden = ", ".join(f"{count} {kind}" for kind, count in told["hidden"].items())
    yield f"heal:   hidden: {hidden or 'nothing'}"
    if row.get("schema"):
        yield "heal:   the form of its answer goes with it, or in words after it: --json shows that"
    if "window" in row and row["window"] is None:
        yield "heal:   the model's window is not known here: 16,000 is assumed (--window, or context in heal.toml)"
