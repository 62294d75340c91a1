process A {
  scratch '/data/project/scr'
  output:
    path 'o.txt'
  script:
  """
  yes ACGTACGT | head -c 3000000 > big.txt && cp big.txt o.txt
  """
}
workflow { A() }
