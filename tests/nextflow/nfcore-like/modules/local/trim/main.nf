process TRIM {
    tag "$meta.id"
    label 'process_low'

    input:
    tuple val(meta), val(size)

    output:
    tuple val(meta), val(size), path('*.fq'), emit: reads
    path 'versions.yml'                     , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    echo TRIM-${meta.id} >> \$RAN
    echo $args > ${prefix}.fq
    printf '"${task.process}":\\n    trim: 1.0\\n' > versions.yml
    """
}
