process COUNT {
  input: path fa
  output: path 'n.txt'
  script:
  template 'count_kmers.sh'
}
workflow { COUNT(Channel.fromPath('ref.fa')) }
