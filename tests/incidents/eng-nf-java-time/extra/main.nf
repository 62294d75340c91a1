process A {
  time '6s'
  input:
    path 'Wait.java'
  output:
    path 'o.txt'
  script:
  """
  java Wait.java > o.txt
  """
}
workflow { A(Channel.fromPath('Wait.java')) }
