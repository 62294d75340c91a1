import pysam
s = pysam.AlignmentFile("s1.bam", "rb")
print("references", s.nreferences)
for r in s.fetch("chr1", 10, 500):
    print(r.query_name)
