set.seed(4)
x <- list(a = rnorm(10), b = rnorm(10))
for (i in 1:3) {
  message("bootstrap ", i)
  s <- sample(x[[i]], replace = TRUE)
  warning("few values in stratum ", i)
  print(mean(s))
}
