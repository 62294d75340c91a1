perl -e 'my $x = ; print $x'
