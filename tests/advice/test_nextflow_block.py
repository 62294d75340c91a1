"""What a task's script was made from, and the same block filled in again."""

from __future__ import annotations

from heal.advice.nextflow_block import Block, blocks, filled, made_from

MODULE = '''\
process OTHER {
    script:
    """
    true
    """
}

process ALIGN {
    script:
    def args = task.ext.args ?: ''
    if (params.x)
        """
        bwa mem $args \\\\
            -t ${task.cpus} ${reads.join(' ')} > ${meta.id}.sam
        echo \\$HOME ${meta.id} \\${NAME}
        """
    else
        \'\'\'
        plain $HOME
        \'\'\'
}
'''
SCRIPT = "bwa mem -a \\\n    -t 4 a.fq b.fq > S7.sam\necho $HOME S7 ${NAME}"
VALUES = {"args": "-a", "task.cpus": "4", "reads.join(' ')": "a.fq b.fq", "meta.id": "S7"}


def test_a_script_leads_to_its_block_and_what_stood_in_it():
    found = made_from(SCRIPT, "NF:SUB:ALIGN", {"main.nf": "workflow {\n}\n", "modules/a.nf": MODULE})
    assert found == Block("modules/a.nf", "ALIGN", 0, VALUES)


def test_a_process_that_was_included_by_another_name_is_found_too():
    assert made_from(SCRIPT, "NF:MAP", {"a.nf": MODULE}) == Block("a.nf", "ALIGN", 0, VALUES)


def test_a_script_of_nobodys_is_made_from_nothing():
    assert made_from(SCRIPT + "\nmore", "ALIGN", {"a.nf": MODULE}) is None
    # one expression cannot stand for two values
    assert made_from(SCRIPT.replace("HOME S7", "HOME S8"), "ALIGN", {"a.nf": MODULE}) is None


def test_a_block_is_filled_in_again():
    block = blocks(MODULE, "ALIGN")[0]
    assert filled(block, VALUES) == SCRIPT
    mended = blocks(MODULE.replace("mem $args", "mem -M $args"), "ALIGN")[0]
    assert filled(mended, VALUES) == SCRIPT.replace("mem -a", "mem -M -a")


def test_a_name_or_a_block_that_is_not_there():
    assert blocks(MODULE, "GONE") == []
    assert len(blocks(MODULE, "ALIGN")) == 2
