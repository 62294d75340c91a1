process A {
  input:
    path 'calls.vcf'
  output:
    path 'o.txt'
  script:
  """
  ruby -e 'n = 0; File.foreach(ARGV[0]) { n += 1 }; puts n' calls.vcf > o.txt
  """
}
workflow { A(Channel.fromPath('mnt/calls.vcf')) }
