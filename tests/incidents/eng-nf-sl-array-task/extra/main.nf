process A {
  array 3
  input:
    val x
  output:
    path 'o.txt'
  script:
  """
  sleep 3; lua5.4 ${projectDir}/scale.lua ${x} > o.txt
  """
}
workflow { A(Channel.of(4,0,9)) }
