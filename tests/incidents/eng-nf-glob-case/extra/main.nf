process A {
  input:
    path fq
  output:
    path '*.fq'
  script:
  """
  seqtk sample -s1 A_1.fq.gz 100 > sub.fastq
  """
}
workflow { A(Channel.fromPath('A_1.fq.gz')) }
