model in m.bug
data in d.txt
compile, nchains(1)
initialize
update 200
monitor mu
monitor sigma2
update 200
coda *
