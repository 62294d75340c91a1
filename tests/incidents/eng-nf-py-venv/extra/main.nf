process A {
  output:
    path 'o.txt'
  script:
  """
  ${projectDir}/env/bin/python3 -c 'import tomllib; print(tomllib.__name__)' > o.txt
  """
}
workflow { A() }
