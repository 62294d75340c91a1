set terminal pngcairoo size 800,600
set output "growth.png"
f(x)=a*exp(b*x); a=1; b=0.1
fit f(x) "growth.dat" using 1:2 via a,b
plot "growth.dat", f(x)
