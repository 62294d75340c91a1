process A {
  output:
    path 'o.txt'
  script:
  """
  echo ${params.genome} > o.txt
  """
}
workflow { A() }
