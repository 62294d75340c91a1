process A {
  output:
    path 'o.txt'
  script:
  """
  echo "start"; octave-cli -q --eval "pause(40)"; echo x > o.txt
  """
}
workflow { A() }
