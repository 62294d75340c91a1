process A {
  stageInMode 'hardlink'
  input:
    path 'calls.vcf'
  output:
    path 'o.txt'
  script:
  """
  wc -l calls.vcf > o.txt
  """
}
workflow { A(Channel.fromPath('calls.vcf')) }
