"""What a command pays before it does anything; tests/cli/test_startup.py holds which libraries `heal status` loads."""

from __future__ import annotations

from benchmarks.measure import NOTHING, PYTHON, programs, row

WHAT = {
    "heal.cli": "the short way to `heal status`",
    "heal.cli.app": "all commands, with typer",
    "heal.store": "the store, with SQLAlchemy",
    "heal.service": "the daemon, with everything",
}


def main() -> None:
    took = programs({"pass": NOTHING} | {name: [PYTHON, "-c", f"import {name}"] for name in WHAT})
    for name, what in WHAT.items():
        compared = took[name].best / took["pass"].best
        row(f"`import {name}`: {what}", took[name].ms(), f"{compared:.1f} x `python -c pass`")


if __name__ == "__main__":
    main()
