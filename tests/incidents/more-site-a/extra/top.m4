divert(-1)
include(site_`'SITE.m4)
divert(0)dnl
node=NODE cores=CORES
