include { TRIM     } from '../modules/local/trim/main'
include { REPORT   } from '../modules/local/report/main'
include { ASSEMBLY } from '../subworkflows/local/assembly'

workflow DEMO {
    take:
    reads

    main:
    ch_versions = Channel.empty()
    TRIM(reads)
    ch_versions = ch_versions.mix(TRIM.out.versions.first())
    ASSEMBLY(TRIM.out.reads)
    ch_versions = ch_versions.mix(ASSEMBLY.out.versions)
    REPORT(ASSEMBLY.out.contigs.map { meta, contigs -> contigs }.collect(), ch_versions.collectFile(name: 'versions.yml'))

    emit:
    report = REPORT.out.html
}
