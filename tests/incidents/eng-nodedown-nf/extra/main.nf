process A {
  output:
    path 'o.txt'
  script:
  """
  for i in \$(seq 100); do echo pos \$i; sleep 1; done; echo x > o.txt
  """
}
workflow { A() }
