"""A healing chain that is ready for use: its file read, and each of its prompts tried."""

from __future__ import annotations

from pathlib import Path

from heal.chain.plan import Plan
from heal.chain.plan_file import load
from heal.chain.prompts import Prompts
from heal.errors import BadChain


def opened(file: Path | None = None) -> tuple[Plan, Prompts]:
    """The chain of a file and its prompts; None: heal's own. Raises BadChain, with all that is wrong with them."""
    plan, prompts = load(file), Prompts(file)
    if troubles := prompts.troubles(plan):
        raise BadChain("\nheal: ".join(troubles))
    return plan, prompts


def located(file: Path | None, settings_file: Path | None) -> Path | None:
    """Where the chain lies that heal.toml names: a path from that file's folder, ``~`` for the user's home."""
    if file is None:
        return None
    own = file.expanduser()
    return settings_file.parent / own if settings_file else own
