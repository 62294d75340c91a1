process A {
  input:
    path 'stats.json'
  output:
    path 'o.txt'
  script:
  """
  summarise.js stats.json > o.txt
  """
}
workflow { A(Channel.fromPath('stats.json')) }
