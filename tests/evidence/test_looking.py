"""Real files, folders and programs, looked at."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.cases import Finding, Sight
from heal.evidence.looking import MOST_NAMES, Looker
from heal.knowledge.naming import Kind, Named, Part
from heal.knowledge.surroundings import Surroundings

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def seen(
    around: Surroundings | Path, text: str | Path, part: Part = Part.INPUT, kind: Kind = Kind.PATH
) -> list[Finding]:
    place = around if isinstance(around, Surroundings) else Surroundings(cwd=str(around))
    return list(Looker().look([Named(kind, str(text), part)], place))


def sights(*args: object, **more: object) -> list[Sight]:
    return [one.sight for one in seen(*args, **more)]  # type: ignore[arg-type]


# --- there or not ------------------------------------------------------------------------------


def test_a_file_that_is_there(tmp_path: Path):
    (tmp_path / "a.txt").write_text("x\n", encoding="utf-8")
    path = f"{tmp_path}/a.txt"
    assert seen(tmp_path, "a.txt") == [Finding(Sight.PRESENT, path, f"{path} is there (2 bytes).")]


def test_a_file_that_came_after_the_failure_says_so(tmp_path: Path):
    (tmp_path / "a.txt").write_text("x\n", encoding="utf-8")
    ended = datetime.now(UTC) - timedelta(seconds=35)
    [found] = seen(Surroundings(cwd=str(tmp_path), ended=ended), "a.txt")
    assert found.sight is Sight.PRESENT
    assert "it was written 35 s after the failure" in found.text


def test_a_file_that_is_missing(tmp_path: Path):
    path = f"{tmp_path}/a.txt"
    assert seen(tmp_path, "a.txt") == [Finding(Sight.ABSENT, path, f"{path} does not exist.")]


def test_what_is_missing_from_the_first_folder_on_is_of_another_machine(tmp_path: Path):
    assert seen(tmp_path, "/nosuchtop/data/x.bam") == []
    assert seen(Surroundings(), "x.bam") == []
    assert seen(Surroundings(cwd="/nosuchtop/run"), "x.bam") == []


def test_a_name_in_other_case(tmp_path: Path):
    (tmp_path / "Data").mkdir()
    (tmp_path / "Data" / "s1.bam").touch()
    assert [(one.sight, one.subject) for one in seen(tmp_path, "data/s1.bam")] == [
        (Sight.ABSENT, f"{tmp_path}/data/s1.bam"),
        (Sight.OTHER_CASE, f"{tmp_path}/Data/s1.bam"),
    ]


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ("sample_1.fq", "sample_01.fq"),
        ("r.fq.gz", "r.fq"),
        ("r.fq", "r.fq.gz"),
        ("S4.fq", "S4.fastq"),
        ("S4.fastq.gz", "S4.fq"),
        ("g.fa", "g.fasta"),
        ("c.yml", "c.yaml"),
        ("S4.bai", "S4.bam.bai"),
    ],
)
def test_a_name_that_is_almost_it(tmp_path: Path, there: str, asked: str):
    (tmp_path / there).touch()
    assert seen(tmp_path, asked)[1:] == [
        Finding(Sight.NEAR_NAME, f"{tmp_path}/{there}", f"{there} stands in {tmp_path}, where {asked} is asked for.")
    ]


@pytest.mark.parametrize(("there", "asked"), [("S4.vcf", "S4.fastq"), ("fastq", "x.fq"), ("S5.fq", "T4.fastq")])
def test_another_kind_of_file_is_no_near_name(tmp_path: Path, there: str, asked: str):
    (tmp_path / there).touch()
    assert sights(tmp_path, asked) == [Sight.ABSENT]


def test_a_name_that_stands_in_the_runs_folder_instead_of_the_tasks(tmp_path: Path):
    (tmp_path / "task").mkdir()
    (tmp_path / "x.csv").write_text("a", encoding="utf-8")
    around = Surroundings(cwd=str(tmp_path), workdir=f"{tmp_path}/task")
    assert sights(around, "x.csv") == [Sight.ABSENT, Sight.NEAR_NAME]


def test_a_link_to_nothing(tmp_path: Path):
    (tmp_path / "a.fq").symlink_to(tmp_path / "gone" / "a.fq")
    [found] = seen(tmp_path, "a.fq")
    assert found.sight is Sight.BROKEN_LINK
    assert found.text.endswith(f"is a link to {tmp_path}/gone/a.fq, which does not exist.")


def test_empty_files_and_folders(tmp_path: Path):
    (tmp_path / "a.fq").touch()
    (tmp_path / "d").mkdir()
    assert sights(tmp_path, "a.fq") == [Sight.EMPTY]
    assert sights(tmp_path, "d") == [Sight.EMPTY]


def test_a_folder_that_an_output_needs(tmp_path: Path):
    path = f"{tmp_path}/results"
    assert seen(tmp_path, "results/qc.txt", Part.OUTPUT) == [
        Finding(Sight.NO_FOLDER, path, f"The folder {path} does not exist.")
    ]


def test_shapes_of_names(tmp_path: Path):
    (tmp_path / "part.000").touch()
    (tmp_path / "S1_fastqc.html").touch()
    assert sights(tmp_path, "*.html") == [Sight.PRESENT]
    assert sights(tmp_path, "part_*.fq", Part.OUTPUT)[:1] == [Sight.ABSENT]
    assert sights(tmp_path, "*.fastqc.html", Part.OUTPUT) == [Sight.ABSENT, Sight.NEAR_NAME]


def test_at_most_a_dozen_names_are_looked_up(tmp_path: Path):
    names = [Named(Kind.PATH, f"{number}.txt", Part.INPUT) for number in range(30)]
    found = Looker().look(names, Surroundings(cwd=str(tmp_path)))
    assert len({one.subject for one in found if one.sight is Sight.ABSENT}) == MOST_NAMES


def test_of_a_log_from_anywhere_only_a_gap_in_a_folder_that_is_here_is_told(tmp_path: Path):
    (tmp_path / "x2.bam").touch()
    around = Surroundings(cwd=str(tmp_path), here=False)
    assert sights(around, f"{tmp_path}/gone/x.bam") == []
    assert sights(around, f"{tmp_path}/x.bam") == [Sight.ABSENT, Sight.NEAR_NAME]
    assert sights(around, "nosuchprogramatall", kind=Kind.PROGRAM) == []


def test_of_a_log_from_anywhere_no_path_outside_the_folder_is_looked_up(tmp_path: Path):
    # Given a folder, and files beside it of which one is there
    (tmp_path / "project").mkdir()
    (tmp_path / "project.txt").touch()
    around = Surroundings(cwd=f"{tmp_path}/project", here=False)
    # Then nothing is said of them, however they are written
    outside = [f"{tmp_path}/project.txt", f"{tmp_path}/gone.bam", "../project.txt", "../*.txt", "~/gone.bam", "/gone"]
    assert [sights(around, path) for path in outside] == [[]] * len(outside)
    # and of what is below it all is
    assert sights(around, f"{tmp_path}/project/gone.bam") == sights(around, "gone.bam") == [Sight.ABSENT]


def test_a_program_that_is_here_may_not_be_on_a_path_that_is_not_known(tmp_path: Path):
    assert sights(tmp_path, "ls", kind=Kind.PROGRAM) == [Sight.ELSEWHERE]


# --- what is never touched ---------------------------------------------------------------------


def test_a_pipe_is_not_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "p.fq")
    [found] = seen(tmp_path, "p.fq")
    assert found.sight is Sight.PRESENT
    assert "neither file nor folder" in found.text


def test_what_the_kernel_makes_up_is_not_looked_at(tmp_path: Path):
    (tmp_path / "a").symlink_to("/proc/self/environ")
    (tmp_path / "b").symlink_to("/dev")
    assert seen(tmp_path, "/proc/1/maps") + seen(tmp_path, "a") + seen(tmp_path, "b/zero") == []


def test_nothing_is_changed(tmp_path: Path):
    path = tmp_path / "a.fq.gz"
    path.write_bytes(gzip.compress(b"@a\nAC\n+\nII\n", mtime=0))
    os.utime(path, (1_000_000_000, 1_700_000_000))
    before = path.stat()
    assert sights(tmp_path, "a.fq.gz") == [Sight.PRESENT]
    after = path.stat()
    assert (after.st_atime_ns, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_atime_ns,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert list(tmp_path.iterdir()) == [path]


# --- contents ----------------------------------------------------------------------------------

FASTQ = b"".join(b"@r%d\nACGTTGCA\n+\nIIIIIIII\n" % number for number in range(20_000))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.fq.gz", gzip.compress(FASTQ, mtime=0), Sight.PRESENT),
        ("a.fq.gz", gzip.compress(FASTQ, mtime=0) + gzip.compress(FASTQ, mtime=0), Sight.PRESENT),
        ("a.fq.gz", gzip.compress(FASTQ, mtime=0) + bytes(512), Sight.PRESENT),
        ("a.fq.gz", gzip.compress(FASTQ, mtime=0)[:-300], Sight.TRUNCATED),
        (
            "a.fq.gz",
            gzip.compress(FASTQ, mtime=0)[:2000] + b"x" * 50 + gzip.compress(FASTQ, mtime=0)[2050:],
            Sight.NOT_WHAT_IT_SAYS,
        ),
        ("a.fq.gz", gzip.compress(b"", mtime=0), Sight.EMPTY),
        ("a.fq.gz", FASTQ, Sight.NOT_WHAT_IT_SAYS),
        ("a.fa.gz", gzip.compress(b"<!DOCTYPE html><html>", mtime=0), Sight.NOT_WHAT_IT_SAYS),
        ("a.fa", b"<!DOCTYPE html>\n<html>", Sight.NOT_WHAT_IT_SAYS),
        ("a.fa", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", Sight.NOT_WHAT_IT_SAYS),
        ("a.fa", b">chr1\nACGT\n", Sight.PRESENT),
        ("a.fq", b">chr1\nACGT\n", Sight.NOT_WHAT_IT_SAYS),
        ("a.csv", "a,b\n".encode("utf-16"), Sight.NOT_WHAT_IT_SAYS),
        ("a.tsv", bytes(5000), Sight.NOT_WHAT_IT_SAYS),
        ("a.parquet", b"PAR1" + b"x" * 50, Sight.TRUNCATED),
        ("a.cram", b"CRAM\3\0" + b"x" * 500, Sight.TRUNCATED),
        ("a.txt.bz2", __import__("bz2").compress(FASTQ)[:-20], Sight.TRUNCATED),
        ("a.txt.xz", __import__("lzma").compress(FASTQ)[:-20], Sight.TRUNCATED),
        ("a.txt.xz", __import__("lzma").compress(FASTQ), Sight.PRESENT),
        ("job.sh", b"#!/bin/bash\r\necho\r\n", Sight.NOT_WHAT_IT_SAYS),
    ],
    # an id made of compressed bytes holds a time, and would differ from worker to worker
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_file_holds(tmp_path: Path, name: str, content: bytes, expected: Sight):
    (tmp_path / name).write_bytes(content)
    part = Part.PROGRAM if name.endswith(".sh") else Part.INPUT
    (tmp_path / name).chmod(0o755)
    assert sights(tmp_path, name, part) == [expected]


def test_a_bam_that_is_cut_short(tmp_path: Path):
    whole = shutil.which("bgzip")
    if whole is None:
        pytest.skip("no bgzip here")
    packed = subprocess.run([whole, "-c"], input=b"BAM\1" + FASTQ, capture_output=True, check=True).stdout
    assert packed.endswith(BGZF_END)
    (tmp_path / "a.bam").write_bytes(packed)
    assert sights(tmp_path, "a.bam") == [Sight.PRESENT]
    (tmp_path / "a.bam").write_bytes(packed[: len(packed) // 2])
    assert sights(tmp_path, "a.bam") == [Sight.TRUNCATED]
    (tmp_path / "a.bam").write_bytes(BGZF_END)
    assert sights(tmp_path, "a.bam") == [Sight.EMPTY]


def test_a_zip_that_is_cut_short(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as box:
        box.writestr("x", FASTQ)
    assert sights(tmp_path, "a.zip") == [Sight.PRESENT]
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data[:-100])
    assert sights(tmp_path, "a.zip") == [Sight.TRUNCATED]


def test_a_bomb_is_left_before_it_bursts(tmp_path: Path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(bytes(1 << 28), 9, mtime=0) * 40)
    begun = time.process_time()
    assert sights(tmp_path, "a.txt.gz") == [Sight.PRESENT]
    assert time.process_time() - begun < 5


# --- rights and room ---------------------------------------------------------------------------

ASKER = """
import json, sys
from heal.evidence.looking import Looker
from heal.knowledge.naming import Kind, Named, Part
from heal.knowledge.surroundings import Surroundings
cwd, text, part = sys.argv[1:]
print(json.dumps([[one.sight, one.text] for one in Looker().look([Named(Kind.PATH, text, Part(part))], Surroundings(cwd=cwd))]))
"""


def as_nobody(cwd: Path, text: str, part: Part) -> list[list[str]]:
    """What a user without any rights sees."""
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    asked = subprocess.run(
        [*become, sys.executable, "-c", ASKER, str(cwd), text, part],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd="/",
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    found: list[list[str]] = json.loads(asked.stdout)
    return found


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    """A folder whose own folders may be entered by all."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder != Path("/tmp") and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_what_a_user_may_not_do(open_path: Path):
    (open_path / "secret.fa").write_text(">a\n", encoding="utf-8")
    (open_path / "secret.fa").chmod(0o600)
    (open_path / "closed").mkdir(mode=0o700)
    (open_path / "closed" / "x.fa").touch()
    [read] = as_nobody(open_path, "secret.fa", Part.INPUT)
    [entered] = as_nobody(open_path, "closed/x.fa", Part.INPUT)
    written = as_nobody(open_path, "out.txt", Part.OUTPUT)
    owner = "it belongs to root, with mode"
    assert read == ["forbidden", f"You may not read {open_path}/secret.fa ({owner} 0600)."]
    assert entered[0] == "forbidden"
    assert f"you may not enter {open_path}/closed ({owner} 0700)" in entered[1]
    assert ["forbidden", f"You may not write to {open_path} ({owner} 0755)."] in written


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with almost no room."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=5", "none", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"CI must be able to mount: {mounted.stderr.decode()}")
    if mounted.returncode:
        pytest.skip("no right to mount here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_system_without_room(small: Path):
    assert sights(small, "out/x.bam", Part.OUTPUT) == [Sight.NO_FOLDER, Sight.FULL]
    [found] = seen(small, small, Part.OUTPUT)
    assert found.sight is Sight.FULL
    assert "bytes are left of 0 MB" in found.text


def test_a_file_system_that_forbids_programs(small: Path):
    subprocess.run(["mount", "-o", "remount,noexec", str(small)], check=True)
    (small / "t").write_text("#!/bin/sh\n", encoding="utf-8")
    (small / "t").chmod(0o755)
    [found] = seen(small, "t", Part.PROGRAM)
    assert found.sight is Sight.NOT_EXECUTABLE
    assert "noexec" in found.text
    assert found.advice == "Put it on a file system that programs may be run from."


# --- programs ----------------------------------------------------------------------------------


def program(path: Path, content: bytes = b"#!/bin/sh\n", mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def elf(machine: int) -> bytes:
    data = bytearray(Path(shutil.which("ls") or "/bin/ls").read_bytes()[:4096])
    data[18:20] = machine.to_bytes(2, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [
        (Path(shutil.which("ls") or "/bin/ls").read_bytes(), 0o755, Sight.PRESENT),
        (b"#!/bin/sh\n", 0o644, Sight.NOT_EXECUTABLE),
        (elf(22), 0o755, Sight.OTHER_MACHINE),
        (b"\xcf\xfa\xed\xfe" + bytes(60), 0o755, Sight.OTHER_MACHINE),
        (b"MZ" + bytes(60), 0o755, Sight.OTHER_MACHINE),
        (b"#!/opt/gone/bin/python\n", 0o755, Sight.OTHER_MACHINE),
        (b"#!/usr/bin/env nosuchpython\n", 0o755, Sight.OTHER_MACHINE),
        (b"\xca\xfe\xba\xbe\0\0\0\x3d" + b"java" * 20, 0o755, Sight.PRESENT),
    ],
)
def test_what_keeps_a_program_from_being_run(tmp_path: Path, content: bytes, mode: int, expected: Sight):
    program(tmp_path / "tool", content, mode)
    assert sights(tmp_path, "./tool", Part.PROGRAM) == [expected]


def test_a_program_on_the_path(tmp_path: Path):
    place = program(tmp_path / "bin" / "samtools")
    around = Surroundings(cwd=str(tmp_path), path=(str(place.parent),))
    assert seen(around, "samtools", kind=Kind.PROGRAM) == [
        Finding(Sight.PRESENT, "samtools", f"samtools is on the PATH: {place}.")
    ]


def test_a_program_in_an_environment_that_was_not_used(tmp_path: Path):
    place = program(tmp_path / ".snakemake" / "conda" / "ab12_" / "bin" / "salmonq")
    program(tmp_path / "bin" / "Salmonq")
    around = Surroundings(cwd=str(tmp_path), path=(str(tmp_path / "bin"),))
    absent, elsewhere, cased = seen(around, "salmonq", kind=Kind.PROGRAM)
    assert absent.text == "salmonq is in none of the 1 folders of the task's PATH."
    assert elsewhere == Finding(
        Sight.ELSEWHERE, "salmonq", f"salmonq is installed, where the task did not look: {place}."
    )
    assert cased.sight is Sight.OTHER_CASE


def test_a_program_of_a_task_in_a_container_is_not_looked_for(tmp_path: Path):
    assert seen(Surroundings(cwd=str(tmp_path), contained=True), "salmon", kind=Kind.PROGRAM) == []


def test_a_module_in_an_environment_that_was_not_used(tmp_path: Path):
    packages = tmp_path / "envs" / "call" / "lib" / "python3.11" / "site-packages"
    (packages / "pysamx").mkdir(parents=True)
    (tmp_path / "envs" / "call" / "bin").mkdir()
    text = f"pysamx is installed, where the task did not look: {packages}."
    assert seen(tmp_path, "pysamx.libc", kind=Kind.MODULE) == [Finding(Sight.ELSEWHERE, "pysamx", text)]


def test_libraries(tmp_path: Path):
    assert sights(tmp_path, "libnosuchthing.so.3", kind=Kind.LIBRARY) == [Sight.ABSENT]
    assert sights(tmp_path, "libc.so.99", kind=Kind.LIBRARY) == [Sight.NEAR_NAME]


# --- checkpoints and sources -------------------------------------------------------------------


def test_a_checkpoint_since_the_start(tmp_path: Path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "md.cpt").write_text("x", encoding="utf-8")
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / ".snakemake" / "checkpoint").touch()
    now = datetime.now(UTC)
    around = Surroundings(workdir=str(tmp_path), started=now - timedelta(hours=1), ended=now + timedelta(minutes=3))
    [found] = Looker().saved(around)
    assert (found.sight, found.subject) == (Sight.RESUMABLE, f"{tmp_path}/runs/md.cpt")
    assert "written 3 min before the end" in found.text
    assert Looker().saved(Surroundings(workdir=str(tmp_path), started=now + timedelta(hours=1))) == ()


def test_sources_are_read_with_what_they_include(tmp_path: Path):
    # Given a workflow of several files, one of which includes itself, and names that are computed or not there
    texts = {
        "workflow/Snakefile": 'configfile: "config/run.yaml"\ninclude: "rules/map.smk"\ninclude: f"rules/{x}.smk"\n',
        "workflow/rules/map.smk": 'include: "map.smk"\nrule map:\n    script:\n        "../scripts/map.py"\n',
        "workflow/scripts/map.py": "print(1)\n",
        "config/run.yaml": "reads: S1\n",
        "main.nf": "include { A; B } from './modules/a'\ninclude { C } from \"./gone.nf\"\n",
        "modules/a.nf": "process A {}\n",
        "nextflow.config": "includeConfig 'conf/base.config'\n",
        "conf/base.config": "process.cpus = 1\n",
        "workflow/rules/not_included.smk": "rule other:\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    # Then all that is brought in by name is read
    found = Looker().sources(Surroundings(cwd=str(tmp_path)))
    assert found == {f"{tmp_path}/{name}": text for name, text in texts.items() if "not_included" not in name}


def test_sources_that_can_be_read(tmp_path: Path):
    (tmp_path / "Snakefile").write_text("rule a:\n", encoding="utf-8")
    os.mkfifo(tmp_path / "main.nf")
    assert Looker().sources(Surroundings(cwd=str(tmp_path))) == {f"{tmp_path}/Snakefile": "rule a:\n"}
