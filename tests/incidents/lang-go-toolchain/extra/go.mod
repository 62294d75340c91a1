module lab/assemble

go 1.31
