use strict; use warnings;
my $d = shift;
opendir(my $h, $d) or die "cannot list $d: $!";
for my $f (sort readdir $h) {
  next if $f =~ /^\./;
  select(undef, undef, undef, 0.15);
  open(my $i, '<', "$d/$f") or die "cannot open $d/$f: $!";
  my $l = <$i>; print "$f\t$l"; print STDERR "indexed $f\n";
}
