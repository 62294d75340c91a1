process STAT {
  input: tuple val(id), path(fa)
  output: path "${id}.txt"
  script:
  """
  seqkit stats $fa > ${id}.txt
  """
}
workflow {
  ids = channel.of('a','b')
  STAT(ids)
}
