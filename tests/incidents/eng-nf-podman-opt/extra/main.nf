process A {
  container 'localhost/lab/static:1'
  containerOptions '--gpu all'
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
