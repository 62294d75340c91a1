process A {
  queue 'tiny'
  time '2m'
  memory '100 MB'
  output:
    path 'o.txt'
  script:
  """
  ruby -e 'a=[]; 80.times{ |i| a << "x"*5_000_000; sleep 0.1 }; puts a.size' > o.txt
  """
}
workflow { A() }
