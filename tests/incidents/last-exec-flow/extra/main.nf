process STAT { input: path f
  output: stdout
  script: "seqkit stats $f" }
workflow { STAT(channel.fromPath('*.fa')) | view }
