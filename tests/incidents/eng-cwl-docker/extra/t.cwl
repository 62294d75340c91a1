cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "localhost/lab/bwa:0.7.99"}
baseCommand: [bwa]
inputs: []
outputs: []
