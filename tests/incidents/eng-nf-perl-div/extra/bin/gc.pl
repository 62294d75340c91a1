#!/usr/bin/perl
use strict; use warnings;
my ($gc, $n) = (0, 0);
while (<>) { next unless /^>/; chomp; s/^>//; $gc += tr/GCgc//; $n += length if /^[acgt]+$/; }
printf "%.3f\n", $gc / $n;
