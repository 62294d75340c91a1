process A {
  input: tuple val(id), path(bam), path(bai)
  output: stdout
  script: "echo ${id} ${bam} ${bai}"
}
workflow {
  ch = Channel.fromPath('*.bam').map { [it.baseName, it] }
  A(ch)
}
