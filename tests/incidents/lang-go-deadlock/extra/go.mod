module lab/pileup

go 1.22
