#!/usr/bin/perl
use strict; use warnings;
use Bio::TreeIO;
my $in = Bio::TreeIO->new(-file => shift);
print $in->next_tree->number_nodes, "\n";
