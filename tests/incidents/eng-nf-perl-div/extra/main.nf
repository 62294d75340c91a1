process A {
  input:
    path 'ref.fa'
  output:
    path 'o.txt'
  script:
  """
  gc.pl ref.fa > o.txt
  """
}
workflow { A(Channel.fromPath('ref.fa')) }
