"""Where the files lie that heal brings along and that are not code."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from heal import __version__
from heal.errors import HealError

LOGGER_PLUGIN = "snakemake_logger_plugin_heal"
# what the plugin is called follows heal's version, without what may stand after its numbers
NEXTFLOW_PLUGIN = f"nf-heal-{'.'.join(__version__.split('.')[:3])}"


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


def logger_plugin() -> Path | None:
    """The package that Snakemake loads as a logger; None where this heal was installed without it."""
    spec = find_spec(LOGGER_PLUGIN)
    found = spec.submodule_search_locations if spec else None
    return Path(found[0]).resolve() if found else None


def nextflow_plugin() -> Path:
    """The folder that holds the Nextflow plugin (``NEXTFLOW_PLUGIN``, unpacked, and ``NEXTFLOW_PLUGIN.jar``).

    Raises HealError where this heal was built without it.
    """
    package = Path(__file__).resolve().parent
    places = (package / "data" / "nf-plugin", package.parent.parent / "nf-plugin" / "target")
    for place in places:
        if (place / NEXTFLOW_PLUGIN).is_dir():
            return place
    raise HealError(
        f"this heal was built without its Nextflow plugin: {NEXTFLOW_PLUGIN} is not in {places[0]} nor {places[1]}. "
        "Install a wheel that has it; in a checkout `make plugin` builds it."
    )
