gets stdin head
set tot 0
while {[gets stdin l]>=0} {
  set f [split $l ,]
  set tot [expr {$tot+[lindex $f 3]}]
  if {[lindex $f 0] eq "ST050"} { puts "half: $total" }
}
puts $tot
