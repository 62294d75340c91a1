process STAT {
  cpus 1
  memroy '200 MB'
  input: path f
  output: stdout
  script: "seqkit stats $f"
}
workflow { STAT(channel.fromPath('*.fa')) | view }
