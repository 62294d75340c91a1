"""The daemon's log: one JSON line for each thing that happened, with the incident's id on it."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from heal.cli import words
from heal.journal import Body
from heal.records import Incident
from heal.store import Store


def _logger() -> structlog.typing.FilteringBoundLogger:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def teller(store: Store) -> Callable[[Incident, Body], None]:
    """Log each entry of an incident's journal."""
    logger = _logger()

    def tell(incident: Incident, body: Body) -> None:
        said = words.entry(body, incident.id, store.members(incident.id))
        logger.info(
            type(body).__name__.lower(), incident=incident.id, run=incident.lineage, process=incident.process, said=said
        )

    return tell


def trouble(text: str) -> None:
    """Log what keeps the daemon from its work."""
    _logger().error("trouble", said=text, incident=None)
