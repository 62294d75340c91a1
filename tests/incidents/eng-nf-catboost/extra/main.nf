process A {
  output:
    path 'o.txt'
  script:
  """
  python3 ${projectDir}/fit.py > o.txt
  """
}
workflow { A() }
