process REPORT {
    label 'process_single'
    publishDir "${params.outdir}", mode: 'copy'

    input:
    path contigs
    path versions

    output:
    path 'report.html', emit: html

    script:
    """
    echo REPORT >> \$RAN
    report.py ${params.title} ${contigs} > report.html
    """
}
