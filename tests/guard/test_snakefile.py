"""A Snakefile reads as Python of the same lines."""

from __future__ import annotations

import ast
import tokenize

import pytest

from heal.guard.snakefile import as_python

WRITTEN = '''configfile: "c.yaml"
use rule * from other as other_*
module qc:
    snakefile: "qc.smk"
rule all:
    input: expand("{s}.txt", s=S)

rule one:
    """What it does."""
    input:
        a="x.bam",  # a comment
        b=lambda wc: "y"
    output: "{s}.txt"
    run:
        with open(output[0], "w") as f:
            f.write("x")

if config["more"]:
    rule two:
        shell:
            "a "
            "b {input}"
onerror:
    print("x")
'''
READ = '''snakemake_configfile( "c.yaml")
snakemake_use('rule * from other as other_ *')
if snakemake_module('qc'):
    snakemake_snakefile( "qc.smk")
if snakemake_rule('all'):
    snakemake_input( expand("{s}.txt", s=S))

if snakemake_rule('one'):
    """What it does."""
    snakemake_input(
        a="x.bam",  # a comment
        b=lambda wc: "y")
    snakemake_output( "{s}.txt")
    if snakemake_run(''):
        with open(output[0], "w") as f:
            f.write("x")

if config["more"]:
    if snakemake_rule('two'):
        snakemake_shell(
            "a "
            "b {input}")
if snakemake_onerror(''):
    print("x")
'''


def test_rules_become_blocks_and_directives_calls_on_their_own_lines():
    assert as_python(WRITTEN) == READ
    ast.parse(READ)


def test_python_alone_stays_as_it_is():
    text = "def f(input, output):\n    run = {'input': 1}\n    return run\n"
    assert as_python(text) == text


def test_what_cannot_be_cut_into_tokens_is_an_error():
    with pytest.raises((SyntaxError, tokenize.TokenError)):
        as_python("rule a:\n    input: expand(\n")
