"""Nextflow command lines, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.engines.nextflow_argv import Part, again, configuring, read
from heal.errors import CannotApply

UUID = "6429c38f-de41-4b58-b37a-4eec44ac75e4"
OVERLAY = ".heal/overlay/t1.config"


@pytest.mark.parametrize(
    ("argv", "start", "script"),
    [
        ("nextflow run main.nf", "nextflow", "main.nf"),
        ("/opt/nf/nextflow -log my.log -c a.config run -profile test nf-core/rnaseq -r 3.1", "/opt/nf/nextflow", "nf-core/rnaseq"),
        ("bash /opt/nextflow-25.04.4 run .", "bash /opt/nextflow-25.04.4", "."),
        ("conda run -n nextflow nextflow run main.nf", "conda run -n nextflow nextflow", "main.nf"),
        ("java -Xmx2g -cp /lib/* nextflow.cli.Launcher run main.nf", "java -Xmx2g -cp /lib/* nextflow.cli.Launcher", "main.nf"),
        ("java -jar nextflow-25.04.4-one.jar run main.nf", "java -jar nextflow-25.04.4-one.jar", "main.nf"),
        ("nextflow main.nf --x 1", "nextflow", "main.nf"),
        ("nextflow -syslog run main.nf", "nextflow", "main.nf"),
        ("nextflow -syslog host:514 -bg -Dx=y run main.nf", "nextflow", "main.nf"),
        ("nextflow run -with-report main.nf", "nextflow", None),
        ("nextflow run -with-report -resume main.nf", "nextflow", "main.nf"),
        ("nextflow run -resume last main.nf", "nextflow", "main.nf"),
        (f"nextflow run -resume {UUID} main.nf", "nextflow", "main.nf"),
        ("nextflow run --x -1 --flag -stub main.nf", "nextflow", "main.nf"),
        ("nextflow run --x main.nf", "nextflow", None),
        ("nextflow run -process.memory 4GB -e.A=b -E main.nf", "nextflow", "main.nf"),
        ("nextflow run -", "nextflow", "-"),
        ("nextflow run -c a -c b -entry one main.nf", "nextflow", "main.nf"),
    ],
)  # fmt: skip
def test_a_launch_is_told_from_what_starts_it(argv: str, start: str, script: str | None) -> None:
    line = read(argv.split())
    assert (" ".join(line.start), line.script) == (start, script)
    assert line.words == tuple(argv.split())


@pytest.mark.parametrize(
    "argv",
    [(), ("make", "all"), ("nextflow",), ("nextflow", "config"), ("nextflow", "-v"), ("bash", "-c", "nextflow run x"),
     ("heal", "run", "--", "nextflow", "run", "main.nf"), ("nextflow", "kuberun", "x")],
)  # fmt: skip
def test_what_is_no_launch_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(CannotApply):
        read(argv)


@pytest.mark.parametrize(
    ("options", "overlay", "expected"),
    [
        ("run main.nf", None, "run main.nf -resume U"),
        ("run main.nf", "O", "run main.nf -resume U -c O"),
        ("run main.nf -resume --x 1", "O", "run main.nf --x 1 -resume U -c O"),
        ("run main.nf -resume last --x", "O", "run main.nf --x -resume U -c O"),
        (f"run -resume {UUID} main.nf", "O", "run main.nf -resume U -c O"),
        ("run -resume main.nf", "O", "run main.nf -resume U -c O"),
        ("run -with-report -name x main.nf -with-trace", "O", "run main.nf -with-trace -with-report -resume U -c O"),
        ("run -name my_run main.nf -latest", "O", "run main.nf -resume U -c O"),
        ("-bg -log l -c a run main.nf -c b -N me@x", "O", "-bg -log l -c a run main.nf -c b -N me@x -resume U -c O"),
        ("-C a -q run main.nf", "O", "-C a -q -C O run main.nf -resume U"),
        (f"run main.nf -resume U -c {OVERLAY}", "O", "run main.nf U -resume U -c O"),
        (f"run main.nf -resume {UUID} -c a -c {OVERLAY}", "O", "run main.nf -c a -resume U -c O"),
        (f"run main.nf -resume {UUID} -c {OVERLAY}", None, f"run main.nf -c {OVERLAY} -resume U"),
        (f"-C a -C {OVERLAY} run main.nf", "O", "-C a -C O run main.nf -resume U"),
        ("main.nf --x 1 2", "O", "main.nf --x 1 2 -resume U -c O"),
    ],
)
def test_a_run_is_started_again_where_it_stood(options: str, overlay: str | None, expected: str) -> None:
    assert again(read(("nextflow", *options.split())), "U", overlay) == ("nextflow", *expected.split())


def test_a_script_from_the_standard_input_cannot_be_read_again() -> None:
    with pytest.raises(CannotApply, match="standard input"):
        again(read(("nextflow", "run", "-")), UUID, None)


def test_the_configuration_is_asked_for_as_the_launch_reads_it() -> None:
    argv = f"nf/nextflow -log l -bg -c a run -c b -profile x,y org/name -r 2 --max_memory 3.GB -c {OVERLAY}"
    line = read(("bash", *argv.replace("nf/", "", 1).split()))
    assert " ".join(configuring(line)) == "bash nextflow -c a -c b config -o json -profile x,y org/name"
    only = read(("nextflow", "-C", "a", "run", "main.nf"))
    assert configuring(only) == ("nextflow", "-C", "a", "config", "-o", "json", "main.nf")


def test_parameters_are_read_as_nextflow_reads_them() -> None:
    line = read(
        ("nextflow", "run", "m.nf", "--a", "1", "--b=2", "--c", "-3", "--d", "--e", "- x", "--f", "", "-w", "x")
    )
    assert line.parameters == {"a": "1", "b": "2", "c": "-3", "d": "true", "e": "- x", "f": "true"}
    assert line.values("-w", "-work-dir") == ("x",)
    assert line.parts[0] == Part("", ("m.nf",))


WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["-resume", "last", UUID, "-name", "-c", "-C", "-profile", "-with-report", "--x", "--y=1", "-bg", "-latest",
             "main.nf", "-1", "- a", "", "-", "-stub", OVERLAY, "run", "-N", "-process.cpus", "-e.A=b", "a b\nc", "-r"]
        ),
        st.text(max_size=6),
    ),
    max_size=12,
)  # fmt: skip


@given(WORDS)
def test_reading_loses_no_word(rest: list[str]) -> None:
    assert read(("nextflow", "run", *rest)).words == ("nextflow", "run", *rest)


@given(WORDS)
def test_starting_again_twice_changes_nothing_more_and_drops_only_what_it_must(rest: list[str]) -> None:
    line = read(("nextflow", "-q", "run", "main.nf", *rest))
    unfinished = read((*line.words, "value")).parts[: len(line.parts)] != line.parts
    if line.script == "-" or unfinished:
        return
    once = again(line, UUID, OVERLAY)
    assert again(read(once), UUID, OVERLAY) == once
    gone = ("-name", "-latest", "-resume")
    kept = [part for part in line.parts if part.name not in gone and part.value != OVERLAY]
    left = [part for part in read(once).parts if part.name not in gone and part.value != OVERLAY]
    assert sorted(map(str, left)) == sorted(map(str, kept))
    assert read(once).script == line.script
    assert once[-4:] == ("-resume", UUID, "-c", OVERLAY)
