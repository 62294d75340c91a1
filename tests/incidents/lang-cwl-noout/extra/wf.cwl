cwlVersion: v1.2
class: Workflow
inputs:
  reads: File
outputs:
  counts: {type: File, outputSource: count/out}
steps:
  trim:
    run: trim.cwl
    in: {inp: reads}
    out: [out]
  count:
    run: count.cwl
    in: {inp: trim/out}
    out: [out]
