version 1.0
task count {
  input { File fa
 Int threads = 1 }
  command { grep -c ">" ~{fa} }
  output { Int n = read_int(stdout()) }
}
