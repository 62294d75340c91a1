process A {
  container 'localhost/lab/caller:1.4'
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
