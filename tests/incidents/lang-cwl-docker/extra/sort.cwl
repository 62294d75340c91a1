cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sort, -n]
requirements:
  DockerRequirement:
    dockerPull: quay.io/biocontainers/coreutils:9.1
inputs:
  inp: {type: File, inputBinding: {position: 1}}
outputs:
  out: {type: stdout}
stdout: sorted.txt
