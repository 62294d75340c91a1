model in m.bug
data in d.txt
compile, nchains(2)
initialize
update 100
monitor mu
update 200
coda *
