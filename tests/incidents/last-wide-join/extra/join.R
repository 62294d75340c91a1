suppressMessages(library(data.table)); setDTthreads(1)
x <- list(); for (i in 1:60) { x[[i]] <- data.table(id=1:500000, v=runif(500000)); message("part ", i); Sys.sleep(0.7) }
saveRDS(rbindlist(x), "joined.rds")
