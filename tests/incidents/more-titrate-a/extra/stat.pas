program stat;
begin writeln('mean ok'); end.
