# rates.R TABLE OUT: how many times each strain has grown
suppressPackageStartupMessages(library(Matrix))
files <- commandArgs(trailingOnly = TRUE)
growth <- as.matrix(read.table(files[1], header = TRUE, sep = "\t", row.names = 1))
counts <- Matrix(growth, sparse = TRUE)
rates <- cBind(counts, rate = counts[, "end"] / counts[, "start"])
write.table(as.matrix(rates[, "rate", drop = FALSE]), files[2], sep = "\t", quote = FALSE, col.names = FALSE)
