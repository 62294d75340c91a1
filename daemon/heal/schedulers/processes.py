"""Live processes of this host that carry a token (Linux: /proc; elsewhere nothing is seen)."""

from __future__ import annotations

import re
from pathlib import Path


def still_submitting(token: str, proc: Path = Path("/proc")) -> bool:
    """Tell whether an sbatch of this host carries ``HEAL_TOKEN=<token>`` or ``<token>.<n>``: its outcome is open.

    The jobs it submits carry the token as well, so the program's name counts too.
    """
    wanted = re.compile(rf"^HEAL_TOKEN={re.escape(token)}(\.\d+)?$".encode())
    for folder in proc.glob("[0-9]*"):
        try:
            program = (folder / "cmdline").read_bytes().split(b"\0")[0]
            if program.rsplit(b"/", 1)[-1] != b"sbatch":
                continue
            if any(wanted.match(variable) for variable in (folder / "environ").read_bytes().split(b"\0")):
                return True
        except OSError:
            # gone in the meantime, or another user's
            continue
    return False
