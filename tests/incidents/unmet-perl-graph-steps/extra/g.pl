use strict;
use warnings;
use Graph::Undirected;
my $g = Graph::Undirected->new;
print "ok\n";
