include { ASSEMBLE } from '../../../modules/local/assemble/main'

workflow ASSEMBLY {
    take:
    reads

    main:
    ASSEMBLE(reads)

    emit:
    contigs  = ASSEMBLE.out.contigs
    versions = ASSEMBLE.out.versions.first()
}
