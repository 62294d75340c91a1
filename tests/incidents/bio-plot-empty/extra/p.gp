set terminal svg; set output "cov.svg"
set title "coverage"
plot "cov.tsv" using 1:2 with lines title "cov"
