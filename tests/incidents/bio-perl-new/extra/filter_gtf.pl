use v5.40;
while (<>) { my @f = split /\t/; print if $f[2] eq "exon" }
