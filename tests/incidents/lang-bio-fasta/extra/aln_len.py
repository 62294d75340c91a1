from Bio import SeqIO, AlignIO
print(sum(len(r) for r in SeqIO.parse("genes.fa", "fasta")), "bases")
aln = AlignIO.read("genes.aln", "fasta")
print(aln.get_alignment_length())
