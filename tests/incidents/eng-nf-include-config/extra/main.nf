process A {
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
