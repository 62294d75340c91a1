"""Requests that fit: what is proposed of what jobs used, and when nothing is."""

from __future__ import annotations

import math
import random
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.knowledge.fitting import Figure, fitted_cpus, fitted_memory, fitted_time
from heal.knowledge.job_names import Whose, alike, whose
from heal.knowledge.sizing import MOST_GROUPS, OTHERS, Ending, Row, Usage, size_class, table
from heal.knowledge.spread import Spread, Within
from heal.settings import Sizing

RULES = Sizing()
ALIGN = Whose("snakemake", "/data/rnaseq", "align")


def spread(*values: float, stopped: tuple[float, ...] = ()) -> Spread:
    made = Spread()
    for value in values:
        made.add(value)
    for value in stopped:
        made.add_at_least(value)
    return made


def usage(ending: Ending = Ending.WELL, peak: float | None = 1000, asked: float | None = 4000, **more: object) -> Usage:
    facts = {"elapsed_s": 600, "cpus": 4, "nodes": 1, "limit_s": 7200, "cpu_s": 600.0, "submitted": "2026-11-24"} | more
    return Usage(ALIGN, ending, asked_mb=asked, peak_mb=peak, **facts)  # type: ignore[arg-type]


# --- spreads -----------------------------------------------------------------------------------


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_share_of_known_values_is_within_and_no_more_than_a_percent_above(values: list[float], share: float):
    # Given the exact quantile
    exact = sorted(values)[max(0, math.ceil(share * len(values) - 1e-9) - 1)]
    found = spread(*values).within(share)
    assert found is not None
    assert not found.at_least
    assert exact * (1 - 1e-9) <= found.value <= exact * 1.0101


def test_what_was_stopped_may_need_more_than_where_it_was_stopped():
    # Given nine that used 1 GB and eleven that were stopped at half of it
    found = spread(*[1000.0] * 9, stopped=(500.0,) * 11).within(0.95)
    # Then the eleven say nothing about what lies above, and lower nothing
    assert found == Within(1000.0)
    # But where the most of all were stopped, only a bound is known
    assert spread(*[1000.0] * 15, stopped=(4000.0,) * 5).within(0.95) == Within(4000.0, at_least=True)
    # And one of a thousand does not decide for all
    assert spread(*[1000.0] * 999, stopped=(64_000.0,)).within(0.95) == Within(pytest.approx(1000, rel=0.01))


def test_without_a_known_value_nothing_is_known():
    assert spread().within(0.5) is None
    assert spread(0.0, stopped=(500.0,)).within(0.5) is None


# --- proposals ---------------------------------------------------------------------------------


def test_memory_is_the_quantile_and_a_margin():
    # Given twenty jobs alike, a quarter of what they asked for
    found = fitted_memory(4000, spread(*[1000.0] * 20), RULES, stopped=0)
    assert found == Figure(asked=4000, usual=1000, most=1000, proposed=1200)


def test_what_is_usual_is_never_above_the_most():
    # Given jobs alike, and one that was stopped at more: a spread is read a little upwards
    found = fitted_memory(400, spread(*[287.0] * 20, stopped=(400.0,)), RULES, stopped=1)
    assert (found.usual, found.most) == (287.0, 287.0)


def test_never_less_than_the_most_that_ended_well():
    # Given a long tail: one of a hundred used three times as much
    found = fitted_memory(8000, spread(*[1000.0] * 99, 3010.0), RULES, stopped=0)
    assert (found.most, found.proposed) == (3010.0, 3100.0)


@given(st.lists(st.floats(1, 1e6), min_size=10, max_size=60), st.floats(1, 1e6))
def test_no_proposal_is_below_what_ended_well(peaks: list[float], asked: float):
    found = fitted_memory(asked, spread(*peaks), RULES, stopped=3)
    assert found.proposed is None or found.proposed >= max(peaks)


def test_fewer_jobs_than_the_settings_say_give_no_proposal():
    found = fitted_memory(4000, spread(*[1000.0] * 9), RULES, stopped=0)
    assert (found.proposed, found.why) == (None, "9 of the 10 jobs that a proposal takes are known")
    assert fitted_memory(4000, spread(*[1000.0] * 9), Sizing(jobs=9), stopped=0).proposed == 1200


def test_a_request_that_fits_is_left_alone():
    assert fitted_memory(1250, spread(*[1000.0] * 20), RULES, stopped=0).why == "fits"
    # near its limit, but nobody was ever stopped by it
    assert fitted_memory(1010, spread(*[1000.0] * 20), RULES, stopped=0).why == "fits: none was stopped by it"


def test_what_stopped_many_is_raised_and_said_to_be_a_bound():
    found = fitted_memory(4000, spread(*[3000.0] * 12, stopped=(4000.0,) * 6), RULES, stopped=6)
    assert (found.proposed, found.at_least) == (4800.0, True)


def test_time_is_in_minutes():
    found = fitted_time(24 * 3600, spread(*[600.0] * 20), RULES, stopped=0)
    assert found == Figure(asked=1440, usual=10, most=10, proposed=12)


def test_cpus_are_only_ever_fewer_and_what_no_job_kept_busy():
    # Given eight cpus and a program that uses one, its engine a little more
    assert fitted_cpus(8, spread(*[1.03] * 20), RULES).proposed == 1
    assert fitted_cpus(8, spread(*[1.0] * 19, 3.2), RULES).proposed == 4
    assert fitted_cpus(4, spread(*[3.9] * 20), RULES) == Figure(4, 3.9, 3.9, None, why="fits")


# --- the table ---------------------------------------------------------------------------------


def test_a_row_says_what_was_held_and_not_used():
    # Given ten jobs of ten minutes: four cpus of which one was busy, 4000 MB of which 1000 were used
    [row] = table([usage() for _ in range(10)], RULES)
    assert row == Row(
        ALIGN,
        jobs=10,
        well=10,
        failed=0,
        out_of_memory=0,
        timed_out=0,
        memory_mb=Figure(4000, 1000, 1000, 1200),
        time_min=Figure(120, 10, 10, 12),
        cpus=Figure(4, 1, 1, 1),
        cpu_efficiency=0.25,
        core_hours=pytest.approx(10 * 4 / 6),
        wasted_core_hours=pytest.approx(10 * 3 / 6),
        wasted_gb_hours=pytest.approx(10 * 3000 / 1024 / 6),
    )


def test_failures_are_counted_by_what_stopped_them():
    ended = [*[Ending.WELL] * 4, Ending.MEMORY, Ending.MEMORY, Ending.TIME, Ending.FAILED, Ending.LEFT]
    [row] = table([usage(one) for one in ended], RULES)
    assert (row.jobs, row.well, row.failed, row.out_of_memory, row.timed_out) == (9, 4, 4, 2, 1)


def test_the_newest_request_is_the_one_that_is_compared():
    [row] = table([usage(asked=2000, submitted="2026-11-25"), usage(asked=8000, submitted="2026-11-24")], RULES)
    assert row.memory_mb.asked == 2000


def test_inputs_of_different_sizes_are_shown_apart_and_proposed_for_together():
    small = [usage(peak=100, input_mb=10.0) for _ in range(10)]
    large = [usage(peak=3000, asked=8000, input_mb=900.0) for _ in range(10)]
    [row] = table([*small, *large, usage(asked=8000)], RULES)
    assert [(part.input_mb, part.jobs, part.memory_mb.most) for part in row.by_input] == [
        (16, 10, 100),
        (1024, 10, 3000),
    ]
    assert (row.jobs, row.memory_mb.proposed) == (21, 3600)
    assert [size_class(mb) for mb in (0, 1, 1.1, 4, 5000)] == [1, 1, 4, 4, 16384]


def test_names_that_differ_in_numbers_are_one_where_each_is_rare():
    by_hand = Whose("sbatch", "/data", "")
    rare = [usage()._replace(whose=by_hand._replace(process=f"plink_chr{n}")) for n in range(22)]
    often = [usage()._replace(whose=by_hand._replace(process=f"step{n % 2}")) for n in range(40)]
    single = usage()._replace(whose=by_hand._replace(process="merge7"))
    rows = table([*rare, *often, single], RULES)
    assert {row.whose.process: row.jobs for row in rows} == {"plink_chr*": 22, "step0": 20, "step1": 20, "merge7": 1}


def test_many_jobs_with_names_of_their_own_take_a_bounded_place():
    # Given 40,000 jobs, each with a name that no other has
    chance = random.Random(7)  # noqa: S311 - made-up names

    def jobs() -> Iterator[Usage]:
        for n in range(40_000):
            name = "".join(chance.choices("abcdefghij", k=12))
            yield usage(peak=chance.uniform(100, 4000))._replace(whose=Whose("sbatch", "/data", f"{name}{n}"))

    tracemalloc.start()
    rows = table(jobs(), RULES)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(row.jobs for row in rows) == 40_000
    assert len(rows) <= MOST_GROUPS + 1
    assert OTHERS in {row.whose.process for row in rows}
    assert most < 40 * 2**20


# --- whose -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "comment", "workdir", "expected"),
    [
        ("0f1e-uuid", "rule_align_wildcards_S7_2", "/data/p", Whose("snakemake", "/data/p", "align")),
        ("0f1e-uuid", "rule_merge", "/data/p", Whose("snakemake", "/data/p", "merge")),
        (
            "nf-RNASEQ_ALIGN_(S7)",
            "",
            "/data/p/work/ab/0123456789abcdef0123456789abcd",
            Whose("nextflow", "/data/p", "RNASEQ_ALIGN"),
        ),
        ("nf-MERGE", "", "/scratch/ab/0123456789abcdef0123456789abcd", Whose("nextflow", "/scratch", "MERGE")),
        ("nf-mine", "", "/data/p", Whose("sbatch", "/data/p", "nf-mine")),
        ("plink", "mine heal:t1", "/data/gwas", Whose("sbatch", "/data/gwas", "plink")),
    ],
)
def test_engines_write_on_a_job_whose_it_is(name: str, comment: str, workdir: str, expected: Whose):
    assert whose(name, comment, workdir) == expected


def test_alike_is_all_but_numbers():
    assert alike("align_S07.v2") == "align_S*.v*"
    assert alike("3f0c2a9e-8a3f-4b5c-9d2e-0123456789ab") == "*"
