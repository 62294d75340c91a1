"""Patterns that match fewer files than before, lists of which a part is gone, and channels that are cut by others."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from tests.guard.test_inspecting import judged, rules

from heal.guard.patterns import Pattern, fewer

NEXTFLOW = """nextflow.enable.dsl = 2

process COUNT {{
    input:
    path reads
    output:
    path "${{reads}}.txt"
    script:
    "wc -l $reads > ${{reads}}.txt"
}}

workflow {{
    {}
}}
"""


def changed(path: str, was: str, now: str) -> list[str]:
    frame = NEXTFLOW if path.endswith(".nf") else "{}\n"
    return rules(judged({path: frame.format(was)}, {path: frame.format(now)}))


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("a.py", 'import glob\nf = glob.glob("data/*.fq")', 'import glob\nf = glob.glob("data/a*.fq")'),
        ("a.py", "f = sorted(data.glob('*.fq'))", "f = sorted(data.glob('S[12].fq'))"),
        ("a.py", "f = sorted(data.rglob('**/*.fq'))", "f = sorted(data.rglob('*.fq'))"),
        ("a.py", "f = fnmatch.filter(f, '*.bam')", "f = fnmatch.filter(f, 'S1*.bam')"),
        ("a.py", r"f = re.findall(r'S\d+\.fq', f)", r"f = re.findall(r'S1\.fq', f)"),
        ("a.R", 'f <- list.files("d", pattern = "\\\\.bam$")', 'f <- list.files("d", pattern = "^S1.*\\\\.bam$")'),
        ("a.R", 'f <- Sys.glob("d/*.bam")', 'f <- Sys.glob("d/S1*.bam")'),
        ("a.R", 'f <- grep("bam", f, value = TRUE)', 'f <- grep("S1.bam", f, value = TRUE)'),
        ("a.sh", 'for f in data/*.fq; do\n  wc -l "$f"\ndone', 'for f in data/a*.fq; do\n  wc -l "$f"\ndone'),
        ("a.sh", "samtools merge out.bam *.bam", "samtools merge out.bam S1*.bam"),
        ("a.sh", 'find data -name "*.fq" > list', 'find data -name "a*.fq" > list'),
        ("a.sh", "ls data | grep fq > list", "ls data | grep a.fq > list"),
        ("a.smk", 'IDS, = glob_wildcards("data/{id}.fq")', 'IDS, = glob_wildcards("data/a{id}.fq")'),
        ("a.smk", 'IDS, = glob_wildcards("data/{id}.fq")', 'IDS, = glob_wildcards("data/{id,a.*}.fq")'),
        ("a.nf", "COUNT(Channel.fromPath('data/*.fq'))", "COUNT(Channel.fromPath('data/a*.fq'))"),
        ("a.nf", "COUNT(Channel.fromPath('data/*.fq'))", "COUNT(Channel.fromPath('data/{a,b}.fq'))"),
        ("a.config", "params.reads = 'data/*.fq'", "params.reads = 'data/a*.fq'"),
        ("a.yaml", 'files: "*.bam"', 'files: "S1*.bam"'),
        ("a.yaml", 'files: "*"', "files: S1"),
    ],
)
def test_a_pattern_that_matches_fewer_is_asked_about(path: str, was: str, now: str):
    assert "hide.fewer_match" in changed(path, was, now)
    assert "hide.fewer_match" not in changed(path, now, was)


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("a.py", "f = glob.glob('*.fq')", "f = glob.glob('*.fastq')"),
        ("a.py", "f = glob.glob('*.fq')", "f = glob.glob('data/*.fq')"),
        ("a.py", "f = glob.glob('*.fq')", "f = glob.glob('*.fq*')"),
        ("a.R", 'f <- list.files("d", pattern = "*.fq")', 'f <- list.files("d", pattern = "\\\\.fq$|\\\\.fastq$")'),
        ("a.sh", "cat *.txt > all", 'cat "$name".txt > all'),
        ("a.smk", 'IDS, = glob_wildcards("data/{id}.fq")', 'IDS, = glob_wildcards("raw/{id}.fq")'),
        ("a.smk", 'IDS, = glob_wildcards("data/{id}.fq")', 'IDS, = glob_wildcards("data/{sample}.fq")'),
        # what is written is no pattern, and an index in what is filled in no choice
        ("a.py", 'out.write(f"{bird}\\t{totals[bird]}\\n")', 'out.write("heron\\t3\\n")'),
        ("a.py", 'name = f"{site}-{sizes[site]}.tsv"', 'name = f"{site}-all.tsv"'),
        ("a.py", 'print("* a list")', 'print("- a list")'),
    ],
)
def test_a_pattern_that_matches_others_or_as_many_is_let_pass(path: str, was: str, now: str):
    assert "hide.fewer_match" not in changed(path, was, now)


@pytest.mark.parametrize("how", ["glob", "regex", "wildcards"])
def test_patterns_of_any_kind_are_held_against_each_other(how: str):
    # Given texts of signs that patterns are made of, by chance but the same each time
    drawn = random.Random(7)  # noqa: S311 - nothing secret
    texts = ["".join(drawn.choice("ab.*?[]{},()|+\\/$^") for _ in range(drawn.randint(0, 12))) for _ in range(400)]
    # When each is held against the next, and against itself
    for one, other in pairwise(texts):
        was, now = Pattern(one, "a", 1, how), Pattern(other, "a", 1, how)
        # Then none matches fewer than itself, and of two not each matches fewer than the other
        assert not fewer(was, was)
        assert not (fewer(was, now) and fewer(now, was))


@pytest.mark.parametrize(
    ("path", "was", "now", "rule"),
    [
        ("a.nf", "COUNT(ch)", "COUNT(ch.join(known))", "hide.skip"),
        ("a.nf", "COUNT(ch)", "COUNT(ch.combine(known, by: 0))", "hide.skip"),
        ("a.nf", "COUNT(ch)", "COUNT(ch.cross(known))", "hide.skip"),
        ("a.nf", "COUNT(ch)", "COUNT(ch.groupTuple(size: 2))", "hide.skip"),
        ("a.nf", "COUNT(ch)", "COUNT(ch.collect().map { it[0] })", "hide.skip"),
        ("a.nf", "COUNT(ch)", "ch | first | COUNT", "hide.skip"),
        ("a.nf", "COUNT(ch)", "ch | filter { it.size() > 0 } | COUNT", "hide.leaves_out"),
        ("a.nf", "COUNT(ch)", "ch | take(2) | COUNT", "hide.leaves_out"),
        ("a.nf", "COUNT(ch)", "COUNT(Channel.empty())", "hide.fallback"),
        ("a.nf", "COUNT(ch.mix(other))", "COUNT(ch)", "hide.part_gone"),
        ("a.nf", "COUNT(ch.concat(other))", "COUNT(ch.concat(Channel.empty()))", "hide.part_gone"),
        ("a.nf", "COUNT(Channel.of(1, 2, 3))", "COUNT(Channel.of(1, 2))", "hide.part_gone"),
        ("a.smk", 'x = expand("{s}_{t}", s=S, t=["x", "y"])', 'x = expand("{s}_{t}", s=S, t=["x"])', "hide.part_gone"),
        ("a.py", "x = pd.concat([a, b, c])", "x = pd.concat([a, b])", "hide.part_gone"),
        ("a.py", "x = a.merge(b, how='outer')", "x = a.merge(b)", "hide.drop_rows"),
        ("a.py", "x = df", "x = df.iloc[:100]", "hide.skip"),
        ("a.py", "x = df.loc[order]", "x = df.loc[df.index.intersection(order)]", "hide.drop_rows"),
        ("a.R", "x <- rbind(a, b)", "x <- rbind(a)", "hide.part_gone"),
        ("a.R", 'x <- read.csv("a")', 'x <- read.csv("a")\nx <- x[x$n > 0, ]', "hide.drop_rows"),
        ("a.R", 'x <- read.csv("a")', 'x <- read.csv("a")\nok <- x$n > 0\nx <- x[ok, ]', "hide.drop_rows"),
        ("a.R", 'x <- read.csv("a")', 'x <- read.csv("a")\nx <- x[, colnames(x) %in% known]', "hide.drop_rows"),
        ("a.R", 'x <- read.csv("a")', 'x <- read.csv("a")\nx <- x[1:10, ]', "hide.skip"),
        ("a.R", 'x <- read.csv("a")', 'x <- read.csv("a")\nx$n[x$n < 0] <- 0', "hide.drop_rows"),
        ("a.py", "x = df", "x = df.iloc[0:0]", "hide.skip"),
        ("a.py", "x = df", "x = df.where(df > 0, 0)", "hide.drop_rows"),
        ("a.nf", "COUNT(ch)", "COUNT(Channel.value(file('a.fq')))", "hide.reference"),
        ("a.R", 'x <- read.csv("a")', 'x <- unique(read.csv("a"))', "hide.skip"),
        ("a.R", "x <- m[rows, ]", "x <- m[intersect(rows, known), ]", "hide.skip"),
        ("a.R", "x <- merge(a, b, all = TRUE)", "x <- merge(a, b)", "hide.drop_rows"),
        ("a.R", "x <- full_join(a, b)", "x <- inner_join(a, b)", "hide.drop_rows"),
        ("a.R", 'x <- list.files("d")', 'x <- list.files("d", pattern = "S1")', "hide.skip"),
        ("a.sh", "cat a b c > all", "cat a b > all", "hide.part_gone"),
        ("a.sh", "for f in a b c; do\n  wc $f\ndone", "for f in a b; do\n  wc $f\ndone", "hide.part_gone"),
        ("a.sh", 'S=(a b c)\nwc "${S[@]}"', 'S=(a b)\nwc "${S[@]}"', "hide.part_gone"),
        ("a.sh", 'S=(a b c)\nwc "${S[@]}"', 'S=(a b c)\nwc "${S[0]}"', "hide.part_gone"),
        ("a.sh", 'wc "$@"', 'wc "$1"', "hide.part_gone"),
        ("a.sh", "find data -name '*.fq' > list", "find data -name '*.fq' -size +1k > list", "hide.skip"),
        ("a.sh", "samtools view a.bam > b", "samtools view -q 30 a.bam > b", "hide.skip"),
        ("a.sh", "wc a", "grep chr1 a > b\nwc b", "hide.skip"),
        ("a.sh", "wc a", "awk '$1 == x' a > b\nwc b", "hide.skip"),
        ("a.sh", "wc a", "sort -u a > b\nwc b", "hide.skip"),
        ("a.yaml", "exclude: []", "exclude: [S3]", "hide.skip"),
        ("samples.txt", "a\nb\nc", "a\nb", "hide.samples_gone"),
    ],
)
def test_what_works_on_less_is_told(path: str, was: str, now: str, rule: str):
    assert rule in changed(path, was, now)


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("a.nf", "COUNT(ch.join(known))", "COUNT(ch.join(known, by: 0))"),
        ("a.nf", "COUNT(ch)", "COUNT(ch.map { it.join(',') })"),
        ("a.R", "x <- x[x$n > 0, ]", 'x <- x[x[["n"]] > 0, ]'),
        ("a.R", "x$n <- x$m", "x$n <- x$m\nx$n[x$m > 3] <- mean(x$n)"),
        ("a.R", "x <- m[1:n, ]", "x <- m[1:(n - 1), ]"),
        ("a.sh", "grep -c x a > b", "grep -c x a.txt > b"),
        ("a.sh", "cat $first $second > all", "cat $reads > all"),
        ("a.sh", "find data -name '*.fq' > list", "find data/raw -name '*.fq' > list"),
        ("a.py", "x = values[1:]", "x = values[0:]"),
    ],
)
def test_what_works_on_as_much_is_let_pass(path: str, was: str, now: str):
    assert not {"hide.skip", "hide.drop_rows", "hide.part_gone", "hide.leaves_out"} & {*changed(path, was, now)}
