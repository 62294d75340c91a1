process A {
  label 'huge'
  input: tuple val(id), path(f)
  output: path 'o.txt'
  script: "bcftools view ${f} > o.txt"
}
workflow { A(Channel.fromPath('c.vcf').map { [it.baseName, it] }) }
