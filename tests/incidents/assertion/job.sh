gcc merge.c -o merge && ./merge
