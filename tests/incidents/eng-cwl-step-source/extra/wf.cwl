cwlVersion: v1.2
class: Workflow
inputs:
  fa: File
outputs:
  res:
    type: File
    outputSource: count/sorted
steps:
  count:
    run: count.cwl
    in: {infile: fa}
    out: [n]
