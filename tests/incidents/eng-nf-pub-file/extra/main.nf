process A {
  publishDir 'results', mode: 'copy', failOnError: true
  output:
    path 'o.txt'
  script:
  """
  echo x > o.txt
  """
}
workflow { A() }
