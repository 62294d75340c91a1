model in m.bug
data in d.txt
compile, nchains(1)
initialize
update 40000000
monitor mu
update 4000000
coda *, stem(sSEED)
