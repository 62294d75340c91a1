process A {
  memory '2 TB'
  output:
    path 'o.txt'
  script:
  """
  echo ok > o.txt
  """
}
workflow { A() }
