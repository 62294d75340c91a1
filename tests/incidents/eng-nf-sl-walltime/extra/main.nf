process A {
  queue 'tiny'
  time '1m'
  output:
    path 'o.txt'
  script:
  """
  for i in \$(seq 200); do echo pass \$i; sleep 1; done; echo x > o.txt
  """
}
workflow { A() }
