process ASSEMBLE {
    tag "$meta.id"
    label 'process_high'

    input:
    tuple val(meta), val(size), path(reads)

    output:
    tuple val(meta), path('*.fa'), emit: contigs
    path 'versions.yml'          , emit: versions

    script:
    """
    echo ASSEMBLE-${meta.id}-${task.memory.toMega()} >> \$RAN
    assemble.py ${size} ${task.memory.toMega()} > ${meta.id}.fa
    printf '"${task.process}":\\n    assemble: 1.0\\n' > versions.yml
    """
}
