cwlVersion: v1.2
class: CommandLineTool
baseCommand: [date]
stdout: d.txt
inputs: []
outputs:
  o: {type: stdout}
