suppressPackageStartupMessages(library(dplyr))
r <- list()
for (f in c("d1.csv","s/d2.csv")) {
  message("reading ", f)
  r[[f]] <- as_tibble(read.csv(file.path("/data/share", f))) |> group_by(dose) |> summarise(m=mean(as.numeric(resp)))
}
bind_rows(r, .id="file")
