process A {
  beforeScript 'ulimit -v 300000'
  input:
    path 'grow'
  output:
    path 'o.txt'
  script:
  """
  ./grow > o.txt
  """
}
workflow { A(Channel.fromPath('grow')) }
