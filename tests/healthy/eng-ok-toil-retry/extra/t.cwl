cwlVersion: v1.2
class: CommandLineTool
baseCommand: [bash, -c]
arguments: ["if [ ! -e $0/tried ]; then touch $0/tried; echo 'Input/output error' >&2; exit 5; fi; echo fine", $(inputs.d)]
inputs:
  d: string
stdout: o.txt
outputs:
  o: {type: stdout}
