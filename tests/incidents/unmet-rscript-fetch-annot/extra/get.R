options(timeout = 20)
message("annotation release 44")
download.file("http://archive.lab.internal:8085/private/annot44.gtf", "a.gtf", quiet = TRUE)
