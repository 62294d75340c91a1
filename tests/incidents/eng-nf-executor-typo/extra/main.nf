process A {
  output:
    path 'o.txt'
  script:
  """
  echo ok > o.txt
  """
}
workflow { A() }
