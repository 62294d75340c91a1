gcc count.c -lhtsextra -o count
