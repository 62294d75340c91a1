suppressPackageStartupMessages(library(data.table))
setDTthreads(1)
message("data.table ", packageVersion("data.table"))
g <- CJ(snp=1:4000, smp=1:3000)
message("long table: ", nrow(g), " rows")
g[, d := (snp*smp) %% 3]
w <- rbindlist(rep(list(g), 40))
saveRDS(w, "wide.rds")
