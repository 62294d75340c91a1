"""What the store knows of a scheduler's jobs: which are followed, by whom, and which have ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from heal.records import Attempt
from heal.store import ended_well, followed, known_jobs, reading
from heal.store.database import Database
from heal.store.rows import EVERYTHING, Scope


class JobBook(Database):
    """Questions about jobs, each one transaction."""

    def watched(self, scope: Scope = EVERYTHING) -> tuple[Attempt, ...]:
        """Give the jobs submitted by hand that have not ended, oldest first: nobody else will tell of their end."""
        with self._reading() as connection:
            return reading.watched_attempts(connection, scope)

    def followed(self, scope: Scope = EVERYTHING) -> tuple[Attempt, ...]:
        """Give the jobs that have not ended of engines whose end was not seen, oldest first."""
        with self._reading() as connection:
            return followed.going_on(connection, scope)

    def came_home(self, since: datetime, scope: Scope = EVERYTHING) -> tuple[Attempt, ...]:
        """Give the jobs that ended well since then, of runs of engines that go on or ended since then, oldest first."""
        with self._reading() as connection:
            return followed.came_home(connection, since, scope)

    def ended_well(
        self, since: datetime, after: int, most: int, scope: Scope = EVERYTHING
    ) -> tuple[tuple[int, Attempt], ...]:
        """Give the first of the jobs that nobody but heal watched and that ended well since then, each with a number.

        Those whose number is above ``after`` come, in its order.
        """
        with self._reading() as connection:
            return ended_well.page(connection, since, after, most, scope)

    def watched_jobs(self, native_ids: Sequence[str], scope: Scope = EVERYTHING) -> tuple[Attempt, ...]:
        """Give the watched jobs that have one of these scheduler's ids, oldest first."""
        with self._reading() as connection:
            return reading.watched_jobs(connection, native_ids, scope)

    def watches(self, scope: Scope = EVERYTHING) -> bool:
        """Tell whether there is such a job."""
        with self._reading() as connection:
            return reading.watches(connection, scope)

    def jobs(self, since: datetime) -> Iterator[Attempt]:
        """Give the attempts that a scheduler ran and that ended since then, one after the other as they are read."""
        with self._reading() as connection:
            yield from reading.jobs_since(connection, since)

    def of_job(self, job: str) -> tuple[Attempt, ...]:
        """Give the attempts that a job is, or that are elements of it, oldest first."""
        with self._reading() as connection:
            return reading.of_job(connection, job)

    def ended_elements(self, arrays: Sequence[Attempt]) -> dict[int, frozenset[str]]:
        """Give the scheduler's ids of the elements that have ended, of those of these that are arrays; by number."""
        with self._reading() as connection:
            return known_jobs.ended_elements(connection, arrays)

    def ended_jobs(self, native_ids: Sequence[str]) -> frozenset[str]:
        """Tell which of these scheduler's ids an attempt has that has ended."""
        with self._reading() as connection:
            return known_jobs.ended_jobs(connection, native_ids)

    def last_submitted(self, native_ids: Sequence[str]) -> dict[str, datetime | None]:
        """Give those of these scheduler's ids that an attempt has, and when heal heard of its last submission."""
        with self._reading() as connection:
            return known_jobs.last_submitted(connection, native_ids)
