version 1.0
task count {
  input { File fa }
  command { grep -c ">" ~{fa} }
  output { Int n = read_int(stdout()) }
}
workflow w {
  input { File fa }
  call count { input: fasta = fa }
  output { Int n = count.n }
}
