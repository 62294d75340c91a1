p(ann,bob). p(bob,cy). p(cy,ann).
anc(X,Y):-p(X,Y).
path(X,Z,[X|T]):-p(X,Y),path(Y,Z,T).
path(X,X,[]).
