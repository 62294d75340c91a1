"""Where the files lie that heal brings along and that are not code."""

from __future__ import annotations

from pathlib import Path

from heal.errors import HealError


def shipped(name: str) -> Path:
    """The folder ``name`` ("patterns", "hooks") that belongs to this heal: the wheel's own, else the checkout's.

    Raises HealError, naming both places, when it is in neither.
    """
    package = Path(__file__).resolve().parent
    places = (package / "data" / name, package.parent.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise HealError(
        f"heal's own folder '{name}' is missing: looked for {places[0]} and {places[1]}. Install heal again."
    )
