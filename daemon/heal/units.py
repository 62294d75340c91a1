"""Numbers as people read them: with a unit, and no more digits than say something."""

from __future__ import annotations

import math

_FINE_MB, _COARSE_MB = 10, 100

_MB_IN_GB = 1024
_MINUTES_READ_AS_HOURS = 120


def size(mb: float) -> str:
    """4.0 GB, 400 MB."""
    return f"{mb / _MB_IN_GB:.1f} GB" if mb >= _MB_IN_GB else f"{mb:.0f} MB"


def minutes(value: float) -> str:
    """90 min, 2.5 h: a time that is asked for."""
    return f"{value / 60:.1f} h" if value >= _MINUTES_READ_AS_HOURS else f"{value:g} min"


def duration(seconds: float) -> str:
    """4m12s, 1h05m, 7s: a time that passed."""
    whole, rest = divmod(int(seconds), 60)
    hours, whole = divmod(whole, 60)
    if hours:
        return f"{hours}h{whole:02d}m"
    return f"{whole}m{rest:02d}s" if whole else f"{rest}s"


def rounded_mb(value: float) -> float:
    """Round an amount of memory up to a figure that a person would write."""
    step = _FINE_MB if value < _COARSE_MB * 10 else _COARSE_MB
    return float(math.ceil(value / step) * step)
