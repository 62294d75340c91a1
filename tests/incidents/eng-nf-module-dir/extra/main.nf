process A {
  module 'kraken2/2.1.9'
  output:
    path 'o.txt'
  script:
  """
  kraken2 --version > o.txt
  """
}
workflow { A() }
