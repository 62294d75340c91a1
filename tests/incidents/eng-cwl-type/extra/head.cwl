cwlVersion: v1.2
class: CommandLineTool
baseCommand: head
inputs:
  n:
    type: int
    inputBinding: {prefix: -n, position: 1}
  f:
    type: File
    inputBinding: {position: 2}
stdout: o.txt
outputs:
  o: {type: stdout}
