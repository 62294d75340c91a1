"""What a text is: what a task said, what its engine said, what a scheduler's books say, or no log at all."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath


class Role(StrEnum):
    """The part a text plays among the evidence. Only the first three can prove anything."""

    TASK = "task"
    ENGINE = "engine"
    BOOKS = "books"
    OTHER = "other"


# sources, settings and data: they may hold any word, and none of them happened
_NO_LOG = frozenset(
    (  # noqa: SIM905  a list of these would be a page long
        ".py .pyx .r .rmd .sh .bash .zsh .nf .smk .pl .pm .awk .sed .groovy .java .kt .scala .c .cc .cpp .cxx .h "
        ".hpp .rs .go .jl .m .sql .f90 .f .js .ts .lua .rb .wdl .cwl .sbatch .slurm .pbs .bsub .sge .ipynb .md "
        ".rst .html .config .yaml .yml .toml .json .ini .cfg .conf .def .lock .fa .fasta .fna .faa .fq .fastq "
        ".bed .vcf .gtf .gff .gff3 .sam .bam .cram .bai .csv .tsv .npy .npz .h5 .hdf5 .nc .rds .rdata .parquet "
        ".lisp .lsp .el .clj .scm .ml .hs .erl .ex .exs .adb .ads .d .nim .zig .swift .cs .php .tcl .cu .f95 .f03 "
        ".png .pdf .svg .zip .tar .jar .class .pyc .so .o"
    ).split()
)
_NO_LOG_NAMES = frozenset(
    (  # noqa: SIM905  a list of these would be a page long
        "snakefile makefile gnumakefile dockerfile singularity .command.sh .command.run .command.stub "
        ".command.begin .command.env .command.trace .exitcode facts.json .gitignore description readme license"
    ).split()
)
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_ENGINE_LOG = re.compile(r"(?:^|\.)nextflow\.log(?:\.\d+)?$|\.snakemake\.log$")
_BOOKS = re.compile(r"^(?:sacct|scontrol|squeue|seff|sstat|jobinfo)\b")
_BOOKS_HEAD = re.compile(r"\s*(?:JobID\||JobId=\d)")
# what papermill writes into the notebooks that it runs, one of which a rule of Snakemake's may keep as its log
_EXECUTED = re.compile(r'^ *"papermill": \{', re.MULTILINE)
_SHEBANG = re.compile(r"\s*#!\s*/")


def role(source: str, text: str = "") -> Role:
    """The role of a text, by its name and, where the name does not say, by how it begins."""
    path = PurePath(source.lower())
    while path.suffix in _PACKED:
        path = path.with_suffix("")
    if path.suffix == ".ipynb" and _EXECUTED.search(text):
        return Role.TASK
    if path.name in _NO_LOG_NAMES or path.suffix in _NO_LOG or _SHEBANG.match(text):
        return Role.OTHER
    if _ENGINE_LOG.search(path.name):
        return Role.ENGINE
    if _BOOKS.match(path.name) or _BOOKS_HEAD.match(text):
        return Role.BOOKS
    return Role.TASK
