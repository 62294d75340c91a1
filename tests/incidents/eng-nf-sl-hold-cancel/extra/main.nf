process A {
  errorStrategy 'finish'
  output:
    path 'o.txt'
  script:
  """
  for i in \$(seq 90); do echo tile \$i; sleep 1; done; echo x > o.txt
  """
}
workflow { A() }
