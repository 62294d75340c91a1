#include <stdio.h>
int main(){printf("caller 0.9\nreading reference\n");return 2;}
