"""The configuration that heal writes for a launch, and what the pipeline's own says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.engines.nextflow_argv import read
from heal.engines.nextflow_config import Config, memory_mb, rules, time_min, with_launch
from heal.engines.nextflow_overlay import Ceiling, Given, Own, excluding, merged, quoted, read_back, selector, text

BIG = "OUTER:INNER:BIG"
MEMORY, TIME = "nextflow.util.MemoryUnit", "nextflow.util.Duration"


def body(given: Given, own: Own | None = None) -> list[str]:
    lines = text({BIG: given}, {BIG: own} if own else {}).splitlines()
    assert lines[2:4] == ["process {", "    withName: '^OUTER:INNER:BIG$' {"]
    return [line.strip() for line in lines[4:-2]]


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (Given({"memory_mb": 630}), {}, ["memory = '630 MB'"]),
        (Given({"memory_mb": 630, "time_min": 9, "cpus": 2}), {"memory": "1 GB"},
         ["cpus = 2", "memory = '630 MB'", "time = '9 min'"]),
        (Given({"memory_mb": 630}), {"memory": {"bytes": 5}}, ["memory = '630 MB'"]),
        (Given({"memory_mb": 630}, grows=True), {},
         ["memory = { ('630 MB' as nextflow.util.MemoryUnit) * task.attempt }"]),
        (Given({"memory_mb": 630}), {"memory": "{ 200.MB * task.attempt }"},
         [f"memory = {{ [('630 MB' as {MEMORY}) * task.attempt, ({{ 200.MB * task.attempt }})() as {MEMORY}].max() }}"]),
        (Given({"time_min": 9}), {"time": "{ params.hours * 1.h }"},
         [f"time = {{ [('9 min' as {TIME}), ({{ params.hours * 1.h }})() as {TIME}].max() }}"]),
        (Given({"cpus": 4}), {"cpus": "{ own_function(task.attempt) }"}, ["cpus = { (4 as int) * task.attempt }"]),
        (Given({"memory_mb": 630}), {"memory": "{ base * 2 }"}, ["memory = { ('630 MB' as nextflow.util.MemoryUnit) }"]),
        (Given(queue="it's"), {}, ["queue = 'it\\'s'"]),
        (Given(without=("n1", "n2")), {}, ["clusterOptions = '--exclude=n1,n2'"]),
        (Given(without=("n1",)), {"clusterOptions": "--qos=x"}, ["clusterOptions = '--qos=x --exclude=n1'"]),
        (Given(without=("n1",)), {"clusterOptions": ["--qos=x"]}, ["clusterOptions = ['--qos=x', '--exclude=n1']"]),
        (Given({"disk_mb": 2048}), {"disk": "{ 1.GB * task.attempt }"},
         [f"disk = {{ [('2048 MB' as {MEMORY}) * task.attempt, ({{ 1.GB * task.attempt }})() as {MEMORY}].max() }}"]),
        (Given(container=("--shm-size=1g",)), {"containerOptions": "--ipc=host"},
         ["containerOptions = '--ipc=host --shm-size=1g'"]),
    ],
)  # fmt: skip
def test_a_process_is_given_what_it_needs(given: Given, settings: dict[str, Any], expected: list[str]) -> None:
    assert body(given, Own(settings)) == expected


def test_a_ceiling_of_check_max_holds_for_what_grows() -> None:
    own = Own({"memory": "{ check_max( 2.GB * task.attempt, 'memory' ) }"}, {"memory_mb": Ceiling(4096, "params")})
    expected = (
        f"memory = {{ [[('630 MB' as {MEMORY}) * task.attempt, ({{ 2.GB * task.attempt }})() as {MEMORY}].max(), "
        f"'4096 MB' as {MEMORY}].min() }}"
    )
    assert body(Given({"memory_mb": 630}), own) == [expected]


def test_variables_are_for_the_whole_launch() -> None:
    gifts = {"A": Given(env={"TMPDIR": "/a's", "LANG": "C"}), "B": Given({"cpus": 2}, env={"TMPDIR": "/b"})}
    assert text(gifts, {}).splitlines()[2:] == [
        *("process {", "    withName: '^B$' {", "        cpus = 2", "    }", "}"),
        *("env {", "    LANG = 'C'", "    TMPDIR = '/b'", "}"),
    ]


def test_nodes_that_are_left_out_already_stay_left_out() -> None:
    assert excluding("--qos=x --exclude=a,b", ["n1"]) == "--qos=x --exclude=a,b --exclude=a,b,n1"
    assert excluding("-x a", ["a"]) == "-x a --exclude=a"
    assert excluding(None, ["n1"]) == "--exclude=n1"


def test_later_remedies_come_on_top_of_earlier_ones() -> None:
    first = Given({"memory_mb": 900, "time_min": 5}, "short", ("n1",), container=("-a",), env={"X": "1", "Y": "1"})
    then = Given({"memory_mb": 600, "cpus": 1}, "long", ("n2",), grows=True, container=("-b", "-a"), env={"X": "2"})
    earlier, ours = {"A": first, "B": Given({"cpus": 2})}, {"A": then}
    amounts = {"memory_mb": 900, "time_min": 5, "cpus": 1}
    assert merged(earlier, ours) == {
        "A": Given(amounts, "long", ("n1", "n2"), grows=True, container=("-a", "-b"), env={"X": "2", "Y": "1"}),
        "B": Given({"cpus": 2}),
    }


GIVEN = st.builds(
    Given,
    st.dictionaries(st.sampled_from(["memory_mb", "time_min", "cpus", "disk_mb"]), st.integers(1, 10**9)),
    st.none() | st.text(min_size=1, max_size=9),
    st.lists(st.text(min_size=1, max_size=5), max_size=2).map(tuple),
    st.booleans(),
    st.lists(st.text(min_size=1, max_size=5), max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["TMPDIR", "X"]), st.text(max_size=5), max_size=2),
)


@given(st.dictionaries(st.text(min_size=1, max_size=12), GIVEN, max_size=3))
def test_what_was_given_is_read_back(gifts: dict[str, Given]) -> None:
    assert read_back(text(gifts, {})) == gifts


@pytest.mark.parametrize("content", ["", "process { memory = '1 GB' }", "// heal: []", "// heal: {"])
def test_what_heal_did_not_write_is_not_read(content: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_back(content)


def test_names_and_texts_are_escaped() -> None:
    assert selector("A$1:b.c") == r"^A\$1:b\.c$"
    assert quoted("a\\'b\n${x}") == "'a\\\\\\'b\\n${x}'"


LOG = f"""
Nov-29 05:39:51.619 [main] DEBUG nextflow.script.ProcessConfig - Config settings `withLabel:big` matches labels `big,x` for process with name {BIG}
Nov-29 05:39:51.624 [main] DEBUG nextflow.script.ProcessConfig - Config settings `withName:.*:BIG` matches process {BIG}
Nov-29 05:39:51.624 [main] DEBUG nextflow.script.ProcessConfig - Config settings `withName:OTHER` matches process OTHER
"""
SCOPES: dict[str, Any] = {
    "params": {"max_memory": "128.GB", "max_time": "240.h"},
    "process": {
        "cpus": "{ check_max( 1 * task.attempt, 'cpus' ) }",
        "resourceLimits": {"memory": {"bytes": 8 * 2**30}, "cpus": 4, "time": {"durationInMillis": 3_600_000}},
        "withLabel:big": {"memory": "{ 200.MB * task.attempt }", "clusterOptions": "--a"},
        "withName:.*:BIG": {"memory": {"bytes": 300 * 2**20}, "ext": {"args": "x"}},
        "withName:OTHER": {"resourceLimits": {"memory": "2 GB"}},
    },
}


def test_what_applies_to_a_process_is_what_nextflow_said() -> None:
    assert rules(LOG, BIG) == ("withLabel:big", "withName:.*:BIG")
    own = Config(SCOPES).own(BIG, LOG)
    assert (own.settings["memory"], own.settings["clusterOptions"]) == ({"bytes": 300 * 2**20}, "--a")
    by = "resourceLimits in the process scope"
    assert own.ceilings == {"memory_mb": Ceiling(8192, by), "time_min": Ceiling(60, by), "cpus": Ceiling(4, by)}
    assert own.refused({"memory_mb": 9000, "cpus": 4}) == [f"memory 9000 MB is beyond the 8192 MB of {by}"]
    other = Config(SCOPES).own("OTHER", LOG)
    assert other.ceilings == {"memory_mb": Ceiling(2048, "resourceLimits in withName:OTHER")}


def test_without_a_log_names_tell_and_labels_do_not() -> None:
    own = Config(SCOPES).own(BIG, "")
    assert (own.settings["memory"], "clusterOptions" in own.settings) == ({"bytes": 300 * 2**20}, False)


def test_parameters_of_the_launch_move_the_ceilings() -> None:
    scopes = {
        "params": {"max_memory": "8.GB", "max_cpus": 4},
        "process": {"cpus": "{ check_max(2, 'cpus') }", "resourceLimits": {"memory": {"bytes": 8 * 2**30}}},
    }
    line = read(("nextflow", "run", "m.nf", "--max_memory", "64.GB", "--max_cpus", "16", "-process.queue=long"))
    config = with_launch(scopes, line, "/", {})
    own = config.own("A", "")
    by = "resourceLimits in the process scope"
    assert own.ceilings == {"memory_mb": Ceiling(65536, by), "cpus": Ceiling(16, "params.max_cpus")}
    assert own.settings["queue"] == "long"


@pytest.mark.parametrize(
    ("value", "mb"),
    [("128.GB", 131072), ("6 GB", 6144), ("1.5 GB", 1536), ("512MB", 512), ("2.TB", 2**21), ({"bytes": 2**20}, 1),
     (2**21, 2), ("{ 1.GB }", None), ("lots", None), (None, None)],
)  # fmt: skip
def test_memory_is_read_as_it_is_written(value: object, mb: float | None) -> None:
    assert memory_mb(value) == mb


@pytest.mark.parametrize(
    ("value", "minutes"),
    [("240.h", 14400), ("10d", 14400), ("2h 30m", 150), ("90 min", 90), ("30s", 0.5), ("1day", 1440), ("60000ms", 1),
     ({"durationInMillis": 60_000}, 1), ("soon", None), ("", None), (None, None)],
)  # fmt: skip
def test_time_is_read_as_it_is_written(value: object, minutes: float | None) -> None:
    assert time_min(value) == minutes
