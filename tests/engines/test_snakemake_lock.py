"""Who counts as a Snakemake at work, when a lock has to be proven stale."""

from __future__ import annotations

import pytest

from heal.engines.snakemake_lock import is_snakemake


@pytest.mark.parametrize(
    ("words", "at_work"),
    [
        (("/env/bin/python3.11", "/env/bin/snakemake", "-j2"), True),
        (("/env/bin/snakemake", "-j2"), True),
        (("python", "-m", "snakemake", "-j2"), True),
        (("/env/bin/python", "/env/bin/heal", "run", "--", "snakemake", "-j2"), False),
        (("python3", "-I", "/opt/hooks/launch.py", "--id", "x", "--", "snakemake"), False),
        (("bash", "-c", "snakemake -j2"), False),
        (("vim", "snakemake"), False),
    ],
)
def test_only_the_program_itself_is_a_snakemake_at_work(words: tuple[str, ...], at_work: bool):
    assert is_snakemake(words) is at_work
