process A {
  cpus 64
  output:
    path 'o.txt'
  script:
  """
  echo ok > o.txt
  """
}
workflow { A() }
