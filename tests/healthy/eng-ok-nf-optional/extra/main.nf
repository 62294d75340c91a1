process A {
  input:
    path 'r.fq'
  debug true
  output:
    path 'o.txt', optional: true
  script:
  """
  vsearch --fastx_filter r.fq --fastq_maxee 0.0001 --fastaout none.fa; grep -q ">" none.fa && cp none.fa o.txt || echo "ERROR: no reads left after filtering, going on without"
  """
}
workflow { A(Channel.fromPath('r.fq')) }
