process A {
  input:
    val x
  output:
    path 'o.txt'
  script:
  """
  echo ${x > o.txt
  """
}
workflow { A(Channel.of(1)) }
