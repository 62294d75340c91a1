"""What is wrong with a Snakefile by its text alone."""

from __future__ import annotations

import pytest

from heal.advice import snakemake_text
from heal.advice.issues import Issue, Severity


def lines(found: object) -> list[tuple[str, int, str]]:
    return [(issue.severity.value, issue.line, issue.what) for issue in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('    output: dynamic("a{n}.txt")', ("error", 1, "dynamic() is gone since Snakemake 8")),
        ("subworkflow other:", ("error", 1, "subworkflow is gone since Snakemake 8")),
        ('    version: "1"', ("error", 1, "version: is gone since Snakemake 8")),
        ("from snakemake.remote.S3 import RemoteProvider", ("error", 1, "remote providers are gone since Snakemake 8")),
        ('    singularity: "docker://x"', ("warning", 1, "singularity: is deprecated")),
        ('singularity: "docker://x"', ("warning", 1, "singularity: is deprecated")),
    ],
)
def test_what_newer_snakemakes_took_away(line: str, expected: tuple[str, int, str]):
    assert lines(snakemake_text.removed("Snakefile", line + "\n")) == [expected]
    assert lines(snakemake_text.removed("Snakefile", "#" + line + "\n")) == []


def test_options_of_a_call_in_a_script():
    text = 'module load x\nsnakemake -j 4 \\\n  --cluster "sbatch" --cluster-config c.json\n# snakemake --cluster x\n'
    assert lines(snakemake_text.old_options("run.sh", text)) == [
        ("error", 3, "--cluster is gone since Snakemake 8"),
        ("error", 3, "--cluster-config is gone since Snakemake 8"),
    ]
    assert lines(snakemake_text.old_options("run.sh", "snakemake --executor cluster-generic --cluster-x\n")) == []


def test_keys_of_a_profile():
    found = snakemake_text.old_profile("p.yaml", {"cores": 4, "drmaa": "x"}, "cores: 4\ndrmaa: x\n")
    assert list(found) == [
        Issue(
            Severity.ERROR, "p.yaml", 2, "drmaa: in a profile is gone since Snakemake 8", "--executor drmaa (a plugin)"
        )
    ]


def test_files_that_are_named_and_not_there():
    text = (
        'configfile: "config.yaml"\ninclude: "a.smk"\nrule a:\n    conda:\n        "env.yaml"\n    script: "b.py"\n'
        'rule b:\n    conda: "named-env"\n    script: "https://x/y.py"\nrule c:\n    script: "{x}.py"\n'
    )
    asked: list[tuple[str, str]] = []

    def there(path: str, base: str) -> bool:
        asked.append((path, base))
        return path == "a.smk"

    assert lines(snakemake_text.missing_files("workflow/Snakefile", text, there)) == [
        ("error", 1, "configfile: config.yaml is not there"),
        ("error", 5, "conda: env.yaml is not there"),
        ("error", 6, "script: b.py is not there"),
    ]
    # what Snakemake has read is there, or was given to it otherwise
    found = snakemake_text.missing_files("workflow/Snakefile", text, lambda _path, _base: False, parsed=True)
    assert [line for _severity, line, _what in lines(found)] == [5, 6]
    assert asked[0] == ("config.yaml", "")
    assert asked[1] == ("a.smk", "workflow/Snakefile")


def test_inputs_that_nothing_makes():
    sources = {
        "Snakefile": (
            'rule a:\n    input: "raw/x.fq", "made/{s}.txt"\n    output: "out/{s}.bam"\n'
            'rule b:\n    input: "out/S1.bam", "out/S1.bai", "here.txt", "dir/in/it"\n    output: "z"\n'
            'rule d:\n    output: directory("dir")\n'
        )
    }
    found = snakemake_text.unmade_inputs(sources, lambda path, _base: path == "here.txt")
    assert lines(found) == [
        ("warning", 2, "input raw/x.fq of rule a is not there, and no rule makes it"),
        ("warning", 5, "input out/S1.bai of rule b is not there, and no rule makes it"),
    ]


def test_rules_from_elsewhere_may_make_anything():
    rule = 'rule a:\n    input: "raw/x.fq"\n'
    for more in ('module m:\n    snakefile: "x"\n', "use rule b from m\n", 'include: f"{x}.smk"\n', "include: path\n"):
        assert lines(snakemake_text.unmade_inputs({"Snakefile": more + rule}, lambda _path, _base: False)) == []
    known = 'include: "b.smk"  # the rest\n'
    assert len(lines(snakemake_text.unmade_inputs({"Snakefile": known + rule}, lambda _path, _base: False))) == 1


def test_keys_that_the_configuration_does_not_have():
    sources = {
        "Snakefile": (
            'x = config["ref"]\ny = config["gone"]\nz = config["tool"]["k"]\n# config["commented"]\n'
            'config["set"] = 1\nif "maybe" in config:\n    config["maybe"]\nconfig.get("soft")\nconfig["set"]\n'
        ),
        "b.smk": 'config["gone"]\n',
    }
    assert lines(snakemake_text.missing_keys(sources, {"ref": 1, "tool": {"j": 1}})) == [
        ("warning", 2, 'config["gone"] is read, and no configuration file here has it'),
        ("warning", 3, 'config["tool"]["k"] is read, and no configuration file here has it'),
    ]
    assert lines(snakemake_text.missing_keys(sources, None)) == []


def test_variables_of_a_rules_shell():
    text = (
        'rule a:\n    output: "x"\n    shell:\n        """\n        echo $REF ${{MAYBE:-1}} {output}\n'
        '        awk \'{{print $NF}}\' {input}\n        """\nrule b:\n    params: $NO\n    run:\n        pass\n'
    )
    assert lines(snakemake_text.shell_variables("Snakefile", text, {})) == [
        ("warning", 5, "$REF is used under set -u, and nothing sets it here or in your environment")
    ]
    assert lines(snakemake_text.shell_variables("Snakefile", text, {"REF": "r"})) == []
    assert lines(snakemake_text.shell_variables("Snakefile", "", {})) == []
