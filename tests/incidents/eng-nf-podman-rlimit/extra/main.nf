process A {
  container 'localhost/lab/static:1'
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
