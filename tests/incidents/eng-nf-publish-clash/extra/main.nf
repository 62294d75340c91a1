process A {
  publishDir 'results', mode: 'hardlnk'
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
