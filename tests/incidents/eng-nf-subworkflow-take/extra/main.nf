workflow QC {
  take:
    reads
    ref
  main:
    reads.combine(ref).view()
}
workflow {
  QC(Channel.of(1,2))
}
