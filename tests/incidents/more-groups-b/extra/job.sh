#!/bin/bash
cat > t.g <<'G'
OnBreak:=function() QUIT_GAP(1); end;
G:=AlternatingGroup(5); Print("order ",Size(G),"\n");
Print(NrConjugacyClases(G),"\n");
QUIT_GAP(0);
G
gap -q --nointeract t.g || exit 1
gap -q --nointeract -c 'if not IsBound(NrConjugacyClases) then QUIT_GAP(4); fi; QUIT_GAP(0);' 
