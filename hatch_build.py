"""What a build of heal carries beside its sources: the Nextflow plugin, where it was built before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# what `make plugin` makes of them is heal's version without what follows its numbers
_MADE = ("nf-heal-{}", "nf-heal-{}.jar", "nf-heal-{}-agent.jar")


class PluginHook(BuildHookInterface):
    """Puts the built Nextflow plugin into the wheel, and into the source archive that a wheel may be made from.

    Building heal needs no Java: without the plugin the build is whole, and that heal says what it lacks.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add what is there. An editable install finds it where it was built."""
        if version == "editable":
            return
        release = ".".join(self.metadata.version.split(".")[:3])
        inside = "heal/data/nf-plugin" if self.target_name == "wheel" else "nf-plugin/target"
        for name in (pattern.format(release) for pattern in _MADE):
            made = Path(self.root, "nf-plugin", "target", name)
            if made.exists():
                build_data["force_include"][str(made)] = f"{inside}/{name}"
