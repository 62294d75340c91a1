suppressMessages(library(limma))
set.seed(1); m <- matrix(rnorm(600),100); m[3,] <- 1; m[7,] <- NA
f <- lmFit(m, model.matrix(~gl(2,3)))
r <- try(eBayes(lmFit(m, matrix(1,6,2)[,0])))
x <- topTable(eBayes(f), n=100)
warning("1 gene has zero variance")
write.csv(x, "top.csv")
