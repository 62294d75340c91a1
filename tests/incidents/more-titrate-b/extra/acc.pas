program acc;
type pb=^tb; tb=array[0..9999999] of longint;
var i:integer; p:pb;
begin
 for i:=1 to 50 do begin new(p); fillchar(p^,sizeof(tb),1); writeln('cuvette ',i); flush(output); end;
end.
