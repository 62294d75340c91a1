my %h;
while (<STDIN>) { chomp; my ($a, $b, $c) = split /\t/; $h{$a} += $b; print "$a:$c\n"; }
eval { die "FATAL: index broken, rebuilding\n" };
warn $@ if $@;
print "total ", scalar(keys %h), "\n";
