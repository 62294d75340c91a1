message("reading chunks")
x <- lapply(1:200, function(i) { if (i %% 20 == 0) message("chunk ", i); data.frame(id = seq_len(2e5), v = rnorm(2e5)) })
d <- do.call(rbind, x)
write.csv(d, "all.csv")
