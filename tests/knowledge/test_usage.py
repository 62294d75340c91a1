"""What scripts do with the things they name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heal.knowledge.naming import Part
from heal.knowledge.usage import part, reads

SCRIPT = """#!/bin/bash
OUT=results/qc
mkdir -p $OUT   # not for genome.fa
bwa mem -t 4 genome.fa reads/S1.fq 2> logs/bwa.log | samtools sort -o s/out.bam -T /tmp/x -
samtools flagstat {input} > stats/{wildcards.s}.txt
for s in a b; do samtools stats $D/$s.bam; done
./bin/run_step.sh --config conf/x.yaml --outdir=results/x < in.txt
cp a.txt $OUT/b.txt
tar czf packed.tar.gz folder
python scripts/x.py in.csv | tee all.log
picard I=q.bam O=w.bam
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, Part.INPUT) for name in ("genome.fa", "reads/S1.fq", "/d/data/s1.bam", "in.txt", "a.txt", "in.csv")),
        ("q.bam", Part.INPUT),
        *((name, Part.OUTPUT) for name in ("logs/bwa.log", "s/out.bam", "/d/s/out.bam", "stats/S9.txt", "results/x")),
        *((name, Part.OUTPUT) for name in ("results/qc", "results/qc/b.txt", "all.log", "w.bam", "packed.tar.gz")),
        *((name, Part.PROGRAM) for name in ("bwa", "samtools", "./bin/run_step.sh", "scripts/x.py")),
        ("/tmp/x", Part.SCRATCH),
        ("libhts.so.3", Part.LIBRARY),
        ("conf/x.yaml", Part.SETTING),
        ("zzz.txt", Part.UNKNOWN),
        ("", Part.UNKNOWN),
    ],
)
def test_a_shell_script_tells_the_part(name: str, expected: Part):
    assert part(name, SCRIPT) is expected


def test_what_a_script_reads_is_what_it_does_not_make():
    assert reads("sort a.txt > b.txt\nuniq b.txt | grep x c.csv") == ("a.txt", "c.csv")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("rule a:\n    input: x.txt, o.csv\n    output: y.txt\n", Part.INPUT),
        ("rule a:\n    input:\n        'x.txt',\n    output:\n        t='o.csv'\n    shell: 'x'\n", Part.OUTPUT),
        ("Error in rule a:\n    message: None\n    jobid: 1\n    output: o.csv (missing)\n", Part.OUTPUT),
        ('t = pd.read_csv("o.csv")\n', Part.INPUT),
        ('t.to_csv("o.csv")\n', Part.OUTPUT),
        ('with open("o.csv", "w") as f:\n', Part.OUTPUT),
        ('with open("o.csv") as f:\n', Part.INPUT),
        ('write.csv(t, "o.csv")\n', Part.OUTPUT),
    ],
)
def test_rules_and_programs_tell_the_part(script: str, expected: Part):
    assert part("o.csv", script) is expected


PIECES = st.sampled_from(
    ["'", '"', "$(", "${", "{", "}", ">", "|", "\\", "\n", " ", "a", "rule a:", "    input: ", "#", "*"]
)


@given(st.text(max_size=300), st.one_of(st.text(max_size=3000), st.lists(PIECES, max_size=2000).map("".join)))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_it(name: str, script: str):
    assert part(name, script) in Part
    reads(script)


@pytest.mark.parametrize(
    "piece", ["a", "'", '"', "\n", " ", "$(", "{", "a ", "> ", "\\", "rule a:\n", "    input: a\n", "#", "x="]
)
def test_no_text_makes_it_slow(piece: str):
    begun = time.process_time()
    part("a*b*c*d/e.txt", piece * 100_000)
    reads(piece * 100_000)
    assert time.process_time() - begun < 4
