workflow {
  reads = Channel.of(['s1','a.fq'],['s2','b.fq'],['s3','c.fq'])
  bams  = Channel.of(['s1','a.bam'],['S2','b.bam'],['s3','c.bam'])
  reads.join(bams, failOnMismatch: true).view()
}
