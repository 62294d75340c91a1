process A {
  output: path 'a.txt'
  script: "touch a.txt"
}
process B {
  input: path x
  output: stdout
  script: "cat ${x}"
}
workflow {
  A()
  B(A.out[1])
}
