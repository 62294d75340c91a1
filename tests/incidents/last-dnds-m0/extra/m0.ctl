seqfile = og33.codon.phy
treefile = og33.nwk
outfile = og33.mlc
seqtype = 1
model = 0
NSsites = 0
