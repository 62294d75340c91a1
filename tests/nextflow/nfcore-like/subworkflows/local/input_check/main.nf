workflow INPUT_CHECK {
    take:
    samplesheet

    main:
    reads = Channel.fromPath(samplesheet, checkIfExists: true)
        .splitCsv(header: true)
        .map { row -> [ [ id: row.sample ], row.size as int ] }

    emit:
    reads
}
