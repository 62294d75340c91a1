process TIDY {
    input:
    path sheet

    output:
    path 'tidy.csv'

    script:
    "tr -d ' ' < $sheet > tidy.csv"
}

process COUNT {
    tag "$id"

    input:
    tuple val(id), path(first), path(second)

    output:
    path "${id}.count"

    script:
    """
    echo "$id \$(cat $first $second | grep -c '^@')" > ${id}.count
    """
}

process TABLE {
    publishDir 'results', mode: 'copy'

    input:
    path counts

    output:
    path 'table.txt'

    script:
    "sort $counts > table.txt"
}

workflow {
    // paired samples have two files, single ones have one
    reads = TIDY(file('data/samples.csv'))
        .splitCsv(header: true)
        .map { row ->
            def first = file("data/${row.first}")
            row.second ? tuple(row.id, first, file("data/${row.second}")) : tuple(row.id, first)
        }
    COUNT(reads)
    TABLE(COUNT.out.collect())
}
