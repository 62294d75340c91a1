with Ada.Text_IO;
with GNATCOLL.JSON;
procedure Acq is
begin
   Ada.Text_IO.Put_Line ("start");
end Acq;
