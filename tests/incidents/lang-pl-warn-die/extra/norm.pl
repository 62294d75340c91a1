use strict; use warnings;
my (@rows, @sum);
while (<>) { chomp; my @f = split /\t/; push @rows, [@f]; $sum[$_] += $f[$_] for 1..$#f; }
for my $r (@rows) { print join("\t", $r->[0], map { sprintf "%.4f", $r->[$_] / $sum[$_] } 1..$#$r), "\n"; }
