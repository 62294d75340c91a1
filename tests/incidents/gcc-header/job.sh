set -e
gcc -c count.c
