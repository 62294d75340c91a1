process UNIQUE {
    input:
    path table

    output:
    path 'unique.tsv'

    script:
    "sort -u $table > unique.tsv"
}

process CLEAN {
    input:
    path table

    output:
    path 'clean.tsv'

    script:
    "clean.pl $table > clean.tsv"
}

process REPORT {
    publishDir 'results', mode: 'copy'

    input:
    path before
    path after

    output:
    path 'report.txt'

    script:
    """
    echo "\$(wc -l < $after) of \$(wc -l < $before) rows have a count" > report.txt
    """
}

workflow {
    UNIQUE(file('data/table.tsv'))
    CLEAN(UNIQUE.out)
    REPORT(UNIQUE.out, CLEAN.out)
}
