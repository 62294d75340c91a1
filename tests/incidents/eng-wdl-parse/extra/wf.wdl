version 1.0
task count {
  input { File fa
  command { grep -c ">" ~{fa} }
  output { Int n = read_int(stdout()) }
}
