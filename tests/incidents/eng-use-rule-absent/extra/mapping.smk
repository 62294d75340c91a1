rule bwa_mem:
    output: "x.bam"
    shell: "touch {output}"
