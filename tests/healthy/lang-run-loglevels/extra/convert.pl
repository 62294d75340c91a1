use strict; use warnings;
while (<>) { chomp; my @f = split /\t/;
  warn "ERROR: record $f[0]: no end given, one base assumed\n" unless $f[2];
  my $len = $f[2] - $f[1];
  print join("\t", @f[0,1], $f[2] || $f[1] + 1), "\n"; }
warn "[FATAL] level messages: 0\n";
