f(x)=a*exp(b*x); a=1; b=0.1
fit f(x) "growth.dat" using 1:2 via a,b
print sprintf("doubling time %.2f", log(2)/b)
print "corrected ", a*scale
