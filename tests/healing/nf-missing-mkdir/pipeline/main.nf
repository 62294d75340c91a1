process SORT {
    publishDir 'results', mode: 'copy'

    input:
    path table

    output:
    path 'sorted.tsv'

    script:
    "sort $table > sorted.tsv"
}

process SPLIT {
    input:
    path table

    output:
    path 'groups/*.tsv'

    script:
    """
    awk '{ print > ("groups/" \$1 ".tsv") }' $table
    """
}

process SIZES {
    publishDir 'results', mode: 'copy'

    input:
    path groups

    output:
    path 'sizes.txt'

    script:
    """
    for group in $groups; do echo "\$group \$(grep -c . \$group)"; done | sort > sizes.txt
    """
}

workflow {
    SORT(file('data/table.tsv'))
    SPLIT(SORT.out)
    SIZES(SPLIT.out)
}
