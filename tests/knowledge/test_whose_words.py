"""Whose an error in Snakemake's log is: logs of 9.27.1 with several jobs that fail, as it wrote them."""

from __future__ import annotations

import pytest

from heal.cases import Evidence, Hit, Passage
from heal.knowledge.whose_words import Job, own

STAMP = "[Mon Nov 30 20:52:28 2026]"


def announced(rule: str, number: int, fields: str = "") -> str:
    return f"{STAMP}\nlocalrule {rule}:\n    output: {rule}.txt\n    jobid: {number}\n{fields}"


def block(rule: str, number: int, command: str = "", output: str = "") -> str:
    shell = f"    shell:\n        {command}\n        (command exited with non-zero exit code)\n" if command else ""
    return f"{STAMP}\nError in rule {rule}:\n    message: None\n    jobid: {number}\n    output: {output or rule}.txt\n{shell}"


def killed(line: int, command: str) -> str:
    return (
        f'RuleException:\nCalledProcessError in file "/w/Snakefile", line {line}:\n'
        f"Command 'set -euo pipefail;  {command}' died with <Signals.SIGKILL: 9>.\n"
    )


def raised(rule: str, line: int, key: str) -> str:
    return (
        f"RuleException:\nKeyError in file \"/w/Snakefile\", line {line}:\n'{key}'\n"
        f'  File "/w/Snakefile", line {line}, in __rule_{rule}\n'
    )


def script(line: int, name: str) -> str:
    return (
        f'RuleException:\nCalledProcessError in file "/w/Snakefile", line {line}:\n'
        f"Command 'set -euo pipefail;  python3 /w/.snakemake/scripts/tmp{name}.py' returned non-zero exit status 1.\n"
    )


HEAD = "Building DAG of jobs...\nExecute 3 jobs...\n"
TAIL = "Exiting because a job execution failed. Look above for error messages\nWorkflowError:\nAt least one job did not complete successfully.\n"


def log(*parts: str) -> Evidence:
    text = "".join((HEAD, *parts, TAIL)).removesuffix("\n")
    return Evidence("x.snakemake.log", (Passage(1, text),), lines=text.count("\n") + 1)


def job(rule: str) -> Job:
    return Job(rule, frozenset({f"{rule}.txt"}))


def left(evidence: Evidence, of: Job) -> str:
    """What is told of a job, without what is told of none."""
    return own(evidence, of).text.removeprefix(HEAD).removesuffix(TAIL.removesuffix("\n")).removesuffix("\n")


def kept(*parts: str) -> str:
    return "".join(parts).removesuffix("\n")


ONE, TWO, THREE = block("one", 1, "kill -9 $$"), block("two", 2), block("three", 3, "exit 3")
BEGUN = (announced("one", 1), announced("two", 2), announced("three", 3))
# a stamp alone is nobody's
AT = f"{STAMP}\n"


@pytest.mark.parametrize(
    ("parts", "of", "expected"),
    [
        # each error before its block, as most come
        ((killed(6, "kill -9 $$"), ONE, raised("two", 12, "x"), TWO), "one", (killed(6, "kill -9 $$"), ONE, AT)),
        ((killed(6, "kill -9 $$"), ONE, raised("two", 12, "x"), TWO), "two", (AT, raised("two", 12, "x"), TWO)),
        # all errors before the blocks, which come in another order
        ((killed(6, "kill -9 $$"), raised("two", 12, "x"), TWO, ONE), "one", (killed(6, "kill -9 $$"), AT, ONE)),
        ((killed(6, "kill -9 $$"), raised("two", 12, "x"), TWO, ONE), "two", (raised("two", 12, "x"), TWO, AT)),
        # a run: whose words another Snakemake said elsewhere
        ((killed(6, "kill -9 $$"), ONE, TWO), "two", (AT, TWO)),
        ((killed(6, "kill -9 $$"), TWO, ONE), "two", (TWO, AT)),
        ((killed(6, "kill -9 $$"), TWO, ONE), "one", (killed(6, "kill -9 $$"), AT, ONE)),
        # one block with one error that names nothing
        ((script(4, "a"), block("one", 1), AT), "one", (script(4, "a"), block("one", 1), AT)),
        # two such errors, and two blocks: nobody can tell
        ((script(4, "a"), script(9, "b"), TWO, block("one", 1)), "one", (AT, block("one", 1))),
        # an error whose block is not there yet
        ((ONE, script(4, "a")), "one", (ONE,)),
        # a rule that lacks its output has no block
        (("MissingOutputException in rule two in file /w/Snakefile, line 9:\ntwo.txt (missing)\n", ONE), "two",
         ("MissingOutputException in rule two in file /w/Snakefile, line 9:\ntwo.txt (missing)\n", AT)),
        (("MissingOutputException in rule two in file /w/Snakefile, line 9:\ntwo.txt (missing)\n", ONE), "one", (ONE,)),
    ],
)  # fmt: skip
def test_of_one_log_each_job_gets_its_own_errors(parts: tuple[str, ...], of: str, expected: tuple[str, ...]) -> None:
    assert left(log(*parts), job(of)) == kept(*expected)


def test_what_is_announced_of_other_jobs_is_none_of_its_words() -> None:
    assert left(log(*BEGUN), job("two")) == kept(AT, announced("two", 2), AT)


def test_jobs_of_one_rule_are_told_by_what_they_make() -> None:
    # Given two samples of one rule that fail at different values
    parts = (
        raised("one", 6, "A"), block("one", 1, output="out/A"), raised("one", 6, "B"), block("one", 2, output="out/B"),
    )  # fmt: skip
    sample = Job("one", frozenset({"out/B.txt"}), "s=B")
    assert left(log(*parts), sample) == kept(AT, raised("one", 6, "B"), block("one", 2, output="out/B"))
    # When both errors come first
    mixed = log(parts[0], parts[2], parts[1], parts[3])
    # Then which is whose cannot be told
    assert left(mixed, sample) == kept(AT, block("one", 2, output="out/B"))


def test_without_outputs_they_are_told_by_their_wildcards() -> None:
    def fails(sample: str) -> str:
        return f"Error in rule one:\n    jobid: 1\n    wildcards: t=1, s={sample}\n"

    assert left(log(fails("A"), fails("B")), Job("one", wildcards="s=B,t=1")) == kept(fails("B"))


def test_an_error_whose_end_was_not_kept_is_not_surely_its_own() -> None:
    text = script(4, "a").removesuffix("\n")
    clipped = Evidence("x.snakemake.log", (Passage(5, text), Passage(90, ONE.removesuffix("\n"))), lines=100)
    assert own(clipped, job("one")).passages == (Passage(90, ONE.removesuffix("\n")),)


def test_what_was_found_in_others_words_goes_with_them() -> None:
    evidence = log(killed(6, "kill -9 $$"), ONE, TWO)
    number = next(at for at, line in evidence.numbered().items() if "SIGKILL" in line)
    hit = Hit("memory/shell_killed", evidence.source, number, evidence.numbered()[number])
    found = Evidence(evidence.source, evidence.passages, (hit,), lines=evidence.lines)
    assert (own(found, job("two")).hits, own(found, job("one")).hits) == ((), (hit,))
    # And of a log of one job alone all stays as it is
    alone = log(killed(6, "kill -9 $$"), ONE)
    assert own(alone, job("one")) is alone
