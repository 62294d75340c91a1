module lab/agg

go 1.22
