use strict;
use warnings;
my $min_qual = shift;
while (<STDIN>) {
  my ($id, $q) = split;
  print if $q >= $minqual;
}
