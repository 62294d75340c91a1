process A {
  errorStrategy 'retry'
  maxRetries 2
  input:
    path 'calls.vcf'
  output:
    path 'o.txt'
  script:
  """
  bcftools view -Ob -o o.txt calls.vcf
  """
}
workflow { A(Channel.fromPath('calls.vcf')) }
