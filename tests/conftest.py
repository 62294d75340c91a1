"""What every test may ask for: a real SLURM, and waiting for something to become true."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from heal import shipped
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library, load

# A suite started in the background of a script (bash run &) ignores interrupts, and so would all that its tests start.
for _number in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)


# for all that the tests start
_paths = [str(Path(__file__).parent / "lazily"), os.environ.get("PYTHONPATH")]
os.environ["PYTHONPATH"] = os.pathsep.join(path for path in _paths if path)

# other work on the machine makes no example wrong
_usual = settings.get_profile(settings.get_current_profile_name())
settings.register_profile("unhurried", _usual, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# what lies there really failed or went well somewhere; some of it is a test suite, and none of it is ours
collect_ignore_glob = ["incidents/*", "healthy/*"]


def until(condition: Callable[[], object], seconds: float = 30.0, every: float = 0.2) -> bool:
    """Ask until the condition holds; False when it did not within the seconds.

    A question that takes long (a command that is started) is asked less often: others wait for the same cores.
    """
    never = threading.Event()
    end = time.monotonic() + seconds
    began = time.monotonic()
    while not condition():
        now = time.monotonic()
        if now > end:
            return False
        never.wait(max(every, 2 * (now - began)))
        began = time.monotonic()
    return True


@pytest.fixture(name="until")
def _until() -> Callable[..., bool]:
    return until


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled patterns, made once for all the tests that need no cache of their own."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"


@pytest.fixture(scope="session")
def reader(cache: Path) -> tuple[Library, Scanner]:
    """The patterns that heal ships, and what finds them in texts."""
    library = load([shipped.shipped("patterns")], cache_dir=cache)
    return library, Scanner(library, cache)


def _sinfo() -> str:
    """What is wrong with SLURM here; empty when it answers."""
    try:
        answer = subprocess.run(["sinfo", "--noheader"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if answer.returncode == 0 else answer.stderr.strip() or "sinfo failed without a word"


@pytest.fixture(scope="session")
def slurm() -> None:
    """A SLURM that answers: without one the test is skipped at home and fails where CI=true."""
    wrong = _sinfo()
    if wrong and os.environ.get("CI") == "true":
        pytest.fail(f"no SLURM, and CI must have one (tests/live/cluster.sh up): {wrong}")
    if wrong:
        pytest.skip(f"no SLURM here (tests/live/cluster.sh up starts one): {wrong}")


class Disk(NamedTuple):
    """A file system on which nothing can be kept, and what the system says of that."""

    folder: Path
    trouble: str


DISKS = {"full": "No space left on device", "read-only": "Read-only file system"}


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """One of ``DISKS``, by its name: without the right to mount it the test is skipped at home and fails where CI=true."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "heal-test", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"no file system may be mounted here: {mounted.stderr}")
    assert mounted.returncode == 0, mounted.stderr
    try:
        if request.param == "full":
            (folder / "full").write_bytes(b"x" * 12_000)
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield Disk(folder, DISKS[request.param])
    finally:
        subprocess.run(["umount", str(folder)], check=True)


_PAIR = Path(__file__).parent / "live/pair.sh"
_IMPOSSIBLE = 3


@pytest.fixture(scope="session")
def pair(slurm: None) -> str:
    """The second cluster, two nodes with memory limits by cgroups, brought up: the path of its slurm.conf.

    Where it cannot be (pair.sh says when: no v1 memory in this kernel, a site's own SLURM) the test is skipped, with
    CI=true too; all else that is wrong is a failure there.
    """
    answer = subprocess.run(["bash", _PAIR, "up"], capture_output=True, text=True, timeout=300, check=False)
    said = (answer.stdout + answer.stderr).strip()
    if answer.returncode == _IMPOSSIBLE or (answer.returncode and os.environ.get("CI") != "true"):
        pytest.skip(said)
    if answer.returncode:
        pytest.fail(f"the second cluster does not start: {said}")
    return subprocess.run(["bash", _PAIR, "conf"], capture_output=True, text=True, check=True).stdout.strip()


_ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def nextflow() -> Path:
    """The program of a Nextflow that runs: without one the test is skipped at home and fails where CI=true."""
    getter = ["bash", _ROOT / "tests/nextflow/get.sh"]
    answer = subprocess.run(getter, capture_output=True, text=True, timeout=600, check=False)
    if answer.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"no Nextflow, and CI must have one: {answer.stderr}")
    if answer.returncode:
        pytest.skip(f"no Nextflow here: {answer.stderr}")
    return Path(answer.stdout.strip()) / "nextflow"


@pytest.fixture(scope="session")
def nextflow_plugin(nextflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the Nextflow plugin as it is in the sources, a copy: it may be built again meanwhile."""
    fresh = subprocess.run(["make", "--question", "plugin"], cwd=_ROOT, capture_output=True, timeout=60, check=False)
    if fresh.returncode:
        pytest.fail("the Nextflow plugin is not built, or not as its sources are now: make plugin")
    return Path(shutil.copytree(shipped.nextflow_plugin(), tmp_path_factory.mktemp("plugins") / "built"))


# Tests that take turns, the longest rows first: whatever begins last ends last, and all wait for it.
_ROWS = (
    "live",
    "nextflow-heals",
    "live snakemake",
    "endings",
    "unhurried",
    "healing snakemake",
    "healing ask",
    "live nextflow",
    "hooked",
    "healing nextflow",
    "once",
    "crash arrays",
    "healing wrong",
    "llama",
    "wheel",
    "crash",
    "wrong snakemake",
    "wrong nextflow",
    "incidents",
    "nextflow",
    "software",
    "alone",
)
_SLOW = ("nextflow", "slurm", "snakemake")


# Of these tests the cases that are enough for `make test`; the others show the same once more, in `make test-more`.
_ENOUGH = {
    "test_a_broken_pipeline_is_healed_by_a_patch": "name-error|snakefile-syntax|missing-mkdir|tuple",
    "test_a_wrong_patch_is_refused_with_a_reason": "numpy|r-renamed|nf-perl|nf-syntax|wrong-config-key",
    "test_the_wrong_patch_tempts": "name-error|snakefile-syntax|nf-quoting|nf-unset",
    "test_under_heal_without_a_model_it_stays_broken_and_is_told": "name-error",
    "test_a_killed_heal_is_finished_by_the_next_one": "inside|[25]-before|[36]-after",
    "test_a_job_is_never_submitted_twice": "4-before|5-inside|6-before",
    "test_an_error_before_any_task_waits_for_a_person": "ambiguous|bracket|include|input|target",
    "test_an_error_outside_of_any_task_waits_for_a_person": "exit-plugin|parameters-log|plugin-log|process-slurm|profile-log|script-plugin|variable-slurm-log",
    "test_what_heal_gives_outranks_what_the_pipeline_says": "closure|label|regex",
    "test_what_the_pipeline_allows_at_most_is_known": "words0",
    "test_a_pipeline_that_is_wrong_itself": "operator|syntax",
    "test_settings_that_make_no_sense_count_as_not_given": "nonsense",
    "test_a_job_that_is_a_snakemake_of_its_own_knows_what_it_was_given": "options1",
    "test_without_an_answer_that_helps_all_is_as_without_heal": "options0",
    "test_the_pipelines_own_tries_come_first": "options[03]",
    "test_no_job_is_told_by_what_another_one_said": "words0",
    "test_noise_comes_to_no_patch": "7|8",
    "test_an_edit_elsewhere_that_does_not_help_is_refused": "numpy",
    "test_a_user_goes_on_after_a_kill_in_files_alone": "1-",
    "test_a_yes_that_is_killed_is_finished_by_the_next_heal": "record|file|index",
    "test_a_landing_in_files_alone_that_is_killed_is_finished": "record|file",
    "test_a_line_of_the_snakefile_is_cited_only_where_no_profile_names_another": "place_of1",
}


_NEVER_RUN = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the tests on a real SLURM run in three rows: more at once on one small cluster wait for each other."""
    shown: dict[str, bool] = {}
    for item in items:
        name, _, case = item.name.partition("[")
        enough = re.search(_ENOUGH.get(name, ""), case) is not None
        shown[name] = shown.get(name, False) or enough
        if not enough:
            item.add_marker(pytest.mark.more)
        if "tests/live/" in item.path.as_posix() and item.get_closest_marker("xdist_group") is None:
            engine = next((engine for engine in ("snakemake", "nextflow") if engine in item.path.name), "")
            item.add_marker(pytest.mark.xdist_group(f"live {engine}".strip()))
    items.sort(key=_turn)
    if not config.getoption("lf"):
        whole = config.args == config.getini("testpaths")
        config.stash[_NEVER_RUN] = [name for name in _ENOUGH if not shown.get(name, not whole)]


@pytest.fixture(scope="session")
def never_run(pytestconfig: pytest.Config) -> list[str]:
    """The rows of ``_ENOUGH`` whose test has no such case, or is not there: `make test` would run none of it."""
    return pytestconfig.stash.get(_NEVER_RUN, [])


def _turn(item: pytest.Item) -> int:
    """When a test is to begin: as its row does; in no row, what starts an engine before what is done at once."""
    row = item.get_closest_marker("xdist_group")
    if row is not None:
        return _ROWS.index(row.args[0])
    return len(_ROWS) + (not any(map(item.get_closest_marker, _SLOW)))


@pytest.fixture(scope="session")
def rscript() -> str:
    """The program that runs R scripts: without one the test is skipped at home and fails where CI=true."""
    answer = subprocess.run(
        ["bash", _ROOT / "tests/healing/get_r.sh"], capture_output=True, text=True, timeout=600, check=False
    )
    if answer.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"no R, and CI must have one: {answer.stderr}")
    if answer.returncode:
        pytest.skip(f"no R here: {answer.stderr}")
    return answer.stdout.strip()
