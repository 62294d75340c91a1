process COUNT {
    tag "$reads.baseName"

    input:
    path reads

    output:
    path "${reads.baseName}.count"

    script:
    """
    echo "$reads.baseName \$(grep -c '^@' $reads)" > ${reads.baseName}.count
    """
}

process REPORT {
    publishDir 'results', mode: 'copy'

    input:
    val lane
    path counts

    output:
    path 'report.txt'

    script:
    """
    export FLOWCELL_LANE=$lane
    report.sh $counts > report.txt
    """
}

workflow {
    COUNT(channel.fromPath('data/*.fq'))
    REPORT(params.lane, COUNT.out.collect())
}
