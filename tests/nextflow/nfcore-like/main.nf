#!/usr/bin/env nextflow
nextflow.enable.dsl = 2

include { INPUT_CHECK } from './subworkflows/local/input_check'
include { DEMO        } from './workflows/demo'

workflow LAB_DEMO {
    take:
    samplesheet

    main:
    DEMO(samplesheet)

    emit:
    report = DEMO.out.report
}

workflow {
    INPUT_CHECK(params.input)
    LAB_DEMO(INPUT_CHECK.out.reads)
}
