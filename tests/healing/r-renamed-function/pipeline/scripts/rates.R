# rates.R TABLE OUT: how many times each strain has grown
files <- commandArgs(trailingOnly = TRUE)
growth <- read.table(files[1], header = TRUE, sep = "\t", colClasses = "character")
rate <- as.real(growth$end) / as.real(growth$start)
write.table(data.frame(growth$strain, rate), files[2], sep = "\t", quote = FALSE, row.names = FALSE, col.names = FALSE)
