sce <- readRDS("sce_filtered.rds")
print(dim(sce))
