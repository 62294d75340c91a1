process A {
  input:
    path 'r.fq'
  output:
    path 'o.txt'
  script:
  """
  spades.py --only-assembler -t 1 -m 2 -s r.fq -o asm && cp asm/contigs.fasta o.txt
  """
}
workflow { A(Channel.fromPath('r.fq')) }
