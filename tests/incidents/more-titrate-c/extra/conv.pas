program conv;
uses sysutils;
var a:array[1..10] of double; i,n:integer;
begin
 n:=strtoint(paramstr(1));
 for i:=1 to n do begin a[i]:=i*0.5; end;
 writeln(a[n]:0:2);
end.
