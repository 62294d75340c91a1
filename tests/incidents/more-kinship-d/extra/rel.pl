:- use_module(library(csv)).
main :- csv_read_file("/data/shared/stations.csv", R), length(R,N), format("~w~n",[N]), ( N > 500 -> halt(0) ; halt(9) ).
