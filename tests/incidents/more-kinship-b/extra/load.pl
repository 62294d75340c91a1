:- use_module(library(csv)).
:- use_module(library(semweb/hdt)).
main :- csv_read_file("/data/shared/stations.csv", R), length(R,N), format("~w rows~n",[N]), hdt_open(H,"tax.hdt"), writeln(H), halt(0).
