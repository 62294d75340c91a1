program fit;
uses sysutils, lmath;
begin writeln('fit'); end.
