gcc -g crash.c -o crash && ./crash
