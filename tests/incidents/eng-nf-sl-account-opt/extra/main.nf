process A {
  clusterOptions '--reservation=spring_maint'
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
