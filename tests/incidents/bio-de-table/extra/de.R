x <- read.delim("/data/genomics/ref/counts.tsv", row.names = 1)
s <- read.delim("/data/genomics/ref/samples.tsv")
cat("genes", nrow(x), "\n")
warning("2 samples of the matrix have no annotation")
keep <- x[rowSums(x) > 10, s$sample]
grp <- factor(s[, "Condition"])
print(tapply(colSums(keep), grp, mean))
