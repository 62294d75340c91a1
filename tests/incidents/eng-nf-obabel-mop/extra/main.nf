process A {
  input:
    path 'in.mop'
  output:
    path 'o.txt'
  script:
  """
  obabel -imop in.mop -osmi -O o.txt
  """
}
workflow { A(Channel.fromPath('in.mop')) }
