process A {
  output:
    path 'o.txt'
  script:
  """
  test -e ${projectDir}/ready || { echo "panel not ready" >&2; exit 4; }; echo x > o.txt
  """
}
workflow { A() }
