"""What lines of a log have in common: templates, and which of them successful runs say too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

ANY = "<*>"
# words that are equal in two lines of one template, at least
_ALIKE = 0.55
_MOST = 2_000
# in this order: the wide shapes before the narrow ones inside them
_CHANGING = tuple(
    re.compile(shape)
    for shape in (
        r"'[^']*'|\"[^\"]*\"|\u2018[^\u2019]*\u2019",
        r"\b\w+://\S+",
        r"[^\s=:,;()\[\]]*/[^\s=:,;()\[\]]*",
        r"[^\s=:,;()\[\]{}|]*\d[^\s=:,;()\[\]{}|]*",
    )
)


def masked(line: str) -> str:
    """The line with a sign in place of what is likely to change: quotes, addresses, paths and all with a digit."""
    for shape in _CHANGING:
        line = shape.sub(ANY, line)
    return " ".join(line.split())


class Templates:
    """Groups lines by what they have in common. Loads its machinery only when the first line comes.

    Where drain3 is not installed (the extra ``templates``), lines belong together that are equal once what is likely
    to change is masked.
    """

    def __init__(self) -> None:
        self._drain: Any = None
        self._known: dict[str, int] = {}

    def group(self, line: str) -> int:
        """The same number for lines of the same template."""
        shape = masked(line)
        if shape not in self._known:
            if not self._known:
                self._drain = _drain()
            cluster = self._drain.add_log_message(shape)[0].cluster_id if self._drain else len(self._known)
            self._known[shape] = cluster
        return self._known[shape]

    def texts(self) -> tuple[str, ...]:
        """Every template seen."""
        return tuple(cluster.get_template() for cluster in self._drain.clusters) if self._drain else tuple(self._known)


def _drain() -> Any:
    try:
        # a tenth of a second to import, and only long logs need it
        from drain3.drain import Drain  # noqa: PLC0415
    except ImportError:
        return None
    return Drain(sim_th=_ALIKE, max_clusters=_MOST, param_str=ANY)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What successful runs of the same process say, as templates: it can be kept, and asked of any line."""

    templates: tuple[str, ...] = ()
    _by_shape: dict[tuple[int, str], list[list[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for template in self.templates:
            words = template.split()
            if words:
                self._by_shape.setdefault((len(words), words[0]), []).append(words)

    @classmethod
    def of(cls, lines: Iterable[str], most: int = _MOST) -> Ordinary:
        """Learns from the lines of successful runs; the first ``most`` templates."""
        seen = Templates()
        for line in lines:
            if line.strip():
                seen.group(line)
        return cls(seen.texts()[:most])

    def __contains__(self, line: str) -> bool:
        """True where a successful run said the like."""
        words = masked(line).split()
        if not words:
            return False
        likely = (self._by_shape.get((len(words), first), ()) for first in (words[0], ANY))
        return any(_fits(template, words) for templates in likely for template in templates)


NOTHING = Ordinary()


def _fits(template: Sequence[str], words: Sequence[str]) -> bool:
    return all(known in (ANY, word) for known, word in zip(template, words, strict=True))
