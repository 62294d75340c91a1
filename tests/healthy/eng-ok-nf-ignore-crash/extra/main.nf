process CONVERT {
  errorStrategy { task.exitStatus in 134..139 ? 'ignore' : 'terminate' }
  input: path m
  output: path '*.smi'
  script: "obabel -i${m.extension} ${m} -osmi -O ${m.baseName}.smi"
}
workflow { CONVERT(Channel.fromPath('mols/*')) | view { it.name } }
