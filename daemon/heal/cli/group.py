"""A group of commands that takes a word for a slip of the hand only where it is near one."""

from __future__ import annotations

import difflib
from typing import Any

from typer.core import TyperGroup

# at what typer itself suggests, 'bogus' is near 'logs'
_NEAR = 0.75


class Group(TyperGroup):
    """As typer's, but for what it suggests in place of an unknown command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is meant. An unknown one is an error that names what is near, if anything is."""
        typed = args[0]
        if not typed.startswith("-") and self.get_command(ctx, typed) is None:
            names = self.list_commands(ctx)
            near = [name for name in names if typed and name.startswith(typed)]
            near = near or difflib.get_close_matches(typed, names, cutoff=_NEAR)
            meant = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
            ctx.fail(f"No such command {typed!r}.{meant}")
        return super().resolve_command(ctx, args)
