cwlVersion: v1.2
class: CommandLineTool
baseCommand: [wc, -l]
inputs:
  inp: {type: File, inputBinding: {position: 1}}
outputs:
  out:
    type: File
    outputBinding: {glob: n.txt}
stdout: n.txt
