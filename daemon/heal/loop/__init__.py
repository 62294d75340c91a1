"""The only place the steps meet, and the only writer of the store."""

from heal.loop.parts import Parts, running
from heal.loop.turn import Loop

__all__ = ["Loop", "Parts", "running"]
