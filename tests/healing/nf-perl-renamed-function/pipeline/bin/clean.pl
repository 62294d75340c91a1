#!/usr/bin/env perl
# clean.pl TABLE: only the rows whose second column is a whole number
use strict;
use warnings;
use POSIX qw(isdigit);

while (my $row = <>) {
    chomp $row;
    my ($name, $count) = split /\t/, $row;
    print "$row\n" if isdigit($count);
}
