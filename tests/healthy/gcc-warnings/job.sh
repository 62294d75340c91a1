gcc -Wall -c w.c && echo built
