set terminal dumb
set title 'coverage'
plot 'cov.dat' using 1:3 with lines
