#!/bin/bash
cat > agg.escript <<'S'
%%! +MIscs 64
main([N]) -> io:format("building table~n"), T=ets:new(t,[set]), go(T,1,list_to_integer(N)).
go(T,I,N) when I>N -> io:format("~p rows~n",[ets:info(T,size)]);
go(T,I,N) -> ets:insert(T,{I,list_to_tuple(lists:seq(1,2000))}), (I rem 5000==0) andalso io:format("row ~p~n",[I]), go(T,I+1,N).
S
for n in 100 300000; do escript agg.escript $n || exit $?; done
