cwlVersion: v1.2
class: CommandLineTool
baseCommand: [grep, -c, ">"]
inputs:
  infile:
    type: File
    inputBinding: {position: 1}
stdout: count.txt
outputs:
  n: {type: stdout}
