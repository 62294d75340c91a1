use strict;
my ($id, %s);
while (<>) { chomp; if (/^>(\S+)/) { $id = $1 } else { $s{$id} .= uc }  }
for (sort keys %s) {
  my $g = () = $s{$_} =~ /G/g; my $c = () = $s{$_} =~ /C/g;
  my ($len, $note) = split /\|/, length($s{$_});
  print "note: $note\n" if $id =~ /lrg/;
  printf "%s %.3f\n", $_, ($g - $c) / ($g + $c);
}
