process TIDY {
    input:
    path wells

    output:
    path 'tidy.csv'

    script:
    """
    tr -d '\\r' < $wells > tidy.csv
    """
}

process SELECT {
    tag "$plate"

    input:
    val plate
    path wells

    output:
    path 'rows.csv'

    script:
    """
    awk -F, -v plate=$plate '\$1 == plate' $wells > rows.csv
    """
}

process JOIN {
    publishDir 'results', mode: 'copy'

    input:
    path wells
    path 'rows?.csv'

    output:
    path 'wells.csv'

    script:
    "(head -n 1 $wells; cat rows*.csv | sort) > wells.csv"
}

workflow {
    TIDY(file('data/wells.csv'))
    plates = TIDY.out.splitCsv(header: true).map { row -> row.plate }.unique()
    SELECT(plates, TIDY.out)
    JOIN(TIDY.out, SELECT.out.collect())
}
