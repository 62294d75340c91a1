cwlVersion: v1.2
class: CommandLineTool
baseCommand: [head]
inputs:
  inp: {type: File, inputBinding: {position: 1}}
outputs:
  out:
    type: File
    outputBinding: {glob: trimmed.txt}
stdout: trimmed.txt
