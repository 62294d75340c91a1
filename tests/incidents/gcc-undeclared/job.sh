gcc -c count.c
