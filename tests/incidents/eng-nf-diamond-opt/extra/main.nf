process A {
  input:
    path 'prot.fa'
  output:
    path 'o.txt'
  script:
  """
  diamond makedb --in prot.fa -d db && diamond blastp -q prot.fa -d db --ultra-sensitve -o o.txt
  """
}
workflow { A(Channel.fromPath('prot.fa')) }
