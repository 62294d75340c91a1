"""Lines of ``.nextflow.log``, put together to the records that Nextflow wrote. Pure, and bounded.

The pattern is the same in 22.10, 23.10, 24.10, 25.04 and 25.10 (``LoggerHelper.createEncoder``):
``%d{MMM-dd HH:mm:ss.SSS} [%t] %-5level %logger{36} - %msg%n``. It has no year, its month is a word of the JVM's
language, and a message, with the stack trace of what was thrown, goes on over as many lines as it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

# of one line and of one message so much is kept; the failure block of a task has some hundred lines
LINE_BYTES = 64 * 1024
_MESSAGE_CHARS = 256 * 1024
_HEAD = re.compile(
    r"(?P<stamp>\S{3,12}-\d\d \d\d:\d\d:\d\d\.\d{3}) \[(?P<thread>.*?)\] "
    r"(?P<level>TRACE|DEBUG|INFO|WARN|ERROR) +(?P<logger>[\w.$]+) - (?P<text>.*)",
    re.DOTALL,
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Record:
    """One message of the log. ``offset`` is where it begins in the file, ``logger`` the last word of its name."""

    offset: int
    stamp: str
    thread: str
    level: str
    logger: str
    text: str


class Assembler:
    """Lines in, records out. A record is whole when the next one begins; ``flush`` gives the last one."""

    def __init__(self) -> None:
        self._head: Record | None = None
        self._more: list[str] = []
        self._chars = 0

    @property
    def holding(self) -> bool:
        """True while a record is held that may go on."""
        return self._head is not None

    def feed(self, offset: int, line: str) -> Iterator[Record]:
        """Take one line, without its end, that begins at ``offset``; give the record that ended before it."""
        found = _HEAD.match(line)
        if found is None:
            if self._head is not None and self._chars < _MESSAGE_CHARS:
                self._more.append(line)
                self._chars += len(line)
            return
        yield from self.flush()
        logger = found["logger"].rpartition(".")[2]
        self._head = Record(offset, found["stamp"], found["thread"], found["level"], logger, found["text"])

    def flush(self) -> Iterator[Record]:
        """Give the record that is held: nothing follows it, or nothing has for a while."""
        if self._head is not None:
            head, text = self._head, "\n".join([self._head.text, *self._more])
            self._head, self._more, self._chars = None, [], 0
            yield Record(head.offset, head.stamp, head.thread, head.level, head.logger, text)


def moment(stamp: str, now: datetime) -> datetime | None:
    """When a record was written: the stamp is local time, of the year that makes it no later than ``now``.

    None where the month is no English word.
    """
    local = now.astimezone()
    for year in (local.year, local.year - 1):
        try:
            found = datetime.strptime(f"{year} {stamp}", "%Y %b-%d %H:%M:%S.%f").astimezone()
        except ValueError:
            continue
        if found <= local + _DAY:
            return found
    return None
