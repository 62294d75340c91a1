process A {
  input:
    path 'calls.vcf'
  output:
    path 'o.txt'
  script:
  """
  vcftools --vcf calls.vcf --freq --out f; mv f.frq o.txt
  """
}
workflow { A(Channel.fromPath('calls.vcf')) }
