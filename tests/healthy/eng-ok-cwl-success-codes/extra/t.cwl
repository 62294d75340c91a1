cwlVersion: v1.2
class: CommandLineTool
baseCommand: [bash, -c]
arguments: ["echo 'ERROR: motif not found in any record' >&2; grep -c NNNNNN \"$0\"", $(inputs.fa.path)]
successCodes: [0, 1]
inputs:
  fa: File
stdout: n.txt
outputs:
  o: {type: stdout}
