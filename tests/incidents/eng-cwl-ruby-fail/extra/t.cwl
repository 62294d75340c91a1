cwlVersion: v1.2
class: CommandLineTool
baseCommand: ruby
inputs:
  prog:
    type: File
    inputBinding: {position: 1}
outputs: []
