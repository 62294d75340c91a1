"""Small pipelines as trees of texts, and what is known of a failure in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from heal.cases import Case, Citation, Evidence, Passage
from heal.payload.context import Context, Material, gather
from heal.payload.tree import Content
from heal.records import Attempt, Diagnosis, Label


@dataclass(frozen=True, slots=True)
class Texts:
    """A Tree of texts by their paths."""

    files: dict[str, str] = field(default_factory=dict)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> Content:
        return Content(self.files[path]) if path in self.files else Content(note="missing: not read")


SNAKEMAKE = {
    "Snakefile": (
        'configfile: "config/config.yaml"\n'
        'include: "rules/plot.smk"\n\n'
        'rule all:\n    input: expand("plots/{s}.png", s=config["samples"])\n\n'
        'rule align:\n    input: "reads/{s}.fq"\n    output: "bam/{s}.bam"\n'
        '    params: extra=config["bwa_extra"]\n    threads: 4\n'
        '    shell: "bwa mem {params.extra} ref.fa {input} | samtools sort -o {output}"\n'
    ),
    "rules/plot.smk": (
        'rule plot:\n    input: "bam/{s}.bam"\n    output: "plots/{s}.png"\n    conda: "../envs/plot.yaml"\n'
        '    script: "../scripts/plot.py"\n'
    ),
    "scripts/plot.py": "import pandas as pd\n\n\ndef draw(path):\n    table = pd.DataFrame()\n    return table.append({})\n",
    "envs/plot.yaml": "dependencies:\n  - pandas=2.2\n",
    "config/config.yaml": "samples: [S1, S2]\nbwa_extra: -M\n",
    "README.md": "A pipeline.\n",
}

NEXTFLOW = {
    "main.nf": "include { ALIGN as ALIGN_TUMOR } from './modules/align'\n\nworkflow {\n    ALIGN_TUMOR(reads)\n}\n",
    "modules/align.nf": (
        "process ALIGN {\n    conda 'bwa=0.7'\n    input:\n    path reads\n    output:\n    path '*.bam'\n    script:\n"
        '    """\n    align.sh ${reads} ${params.extra}  # a } in a text\n    """\n}\n\nprocess OTHER {\n    """\n    true\n    """\n}\n'
    ),
    "bin/align.sh": "#!/bin/bash\nset -u\nbwa mem $2 $1 > $3\n",
    "nextflow.config": "params.extra = '-M'\nprocess.cpus = 2\n",
}

LOG = (
    "Building DAG of jobs...\n"
    "Traceback (most recent call last):\n"
    '  File "/data/rnaseq/.snakemake/scripts/tmpab12cd.plot.py", line 6, in draw\n'
    "AttributeError: 'DataFrame' object has no attribute 'append'\n"
)
ERROR = "AttributeError: 'DataFrame' object has no attribute 'append'"


def material(log: str = LOG, process: str = "plot", engine: str = "snakemake", **facts: object) -> Material:
    lines = log.split("\n")
    root = Citation("logs/plot/S1.log", lines.index(ERROR) + 1 if ERROR in lines else 1, ERROR)
    found = Diagnosis(
        Label.VERSION_INCOMPATIBILITY, "pandas 2 has no DataFrame.append", 0.9, root, (root,), by="pattern"
    )
    text = log.rstrip("\n")
    evidence = (Evidence("logs/plot/S1.log", (Passage(1, text),), lines=text.count("\n") + 1),)
    case = Case(engine, evidence, exit_code=1, process=process, asked={"memory_mb": 4000.0})
    attempt = Attempt(1, "r", "r", engine, f"{process}:s=S1", f"{process} (s=S1)", process, facts=facts)
    return Material(case, found, attempts=(attempt,))


def context(files: dict[str, str] | None = None, **given: object) -> Context:
    return gather(material(**given), Texts(SNAKEMAKE if files is None else files))  # type: ignore[arg-type]
