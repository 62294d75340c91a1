process LOAD {
  input: val k
  output: path "n_${k}.txt"
  script:
  """
  python3 $projectDir/load.py $k > n_${k}.txt
  """
}
workflow { LOAD(channel.of(1,2)) }
