process A {
  input:
    path 'ref.fa'
  output:
    path 'o.txt'
  script:
  """
  minimap2 -x sr -d o.txt ref.fa && cat ref.fa > copy.fa
  """
}
workflow { A(Channel.fromPath('mnt/ref.fa')) }
