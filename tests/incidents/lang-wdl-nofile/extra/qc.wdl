version 1.0
workflow qc {
  input { Array[File] fastqs }
  scatter (f in fastqs) { call stats { input: fq = f } }
  output { Array[Int] n = stats.reads }
}
task stats {
  input { File fq }
  command <<< wc -l < ~{fq} >>>
  output { Int reads = read_int(stdout()) }
  
}
