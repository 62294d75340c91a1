process A {
  output: path 'a.txt'
  script: "touch a.txt"
}
workflow {
  main:
  A()
  publish:
  txt = A.out
}
output {
  txt { path 'txt' }
}
