process A {
  storeDir 'store'
  input:
    path 'tx.fa'
  output:
    path 'index'
  script:
  """
  mkdir idx; cp tx.fa idx/
  """
}
workflow { A(Channel.fromPath('ref.fa')) }
