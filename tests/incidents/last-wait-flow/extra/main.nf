process MB { time '8s'
  input: path b
  output: path '*.p'
  script: "mb $b > mb.log" }
workflow { MB(channel.fromPath('run.nex')) }
