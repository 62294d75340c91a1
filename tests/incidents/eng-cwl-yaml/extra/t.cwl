cwlVersion: v1.2
class: CommandLineTool
baseCommand: [date
inputs: []
outputs: []
