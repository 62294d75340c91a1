process R { errorStrategy 'ignore'
  input: path j
  output: path '*.json'
  script: "jsonnet -o ${j.baseName}.json $j" }
workflow { R(channel.fromPath('*.jsonnet')) | collect | view { "rendered: " + it.size() } }
