#include <cstdio>
double weighted_mean(const double*, const double*, int);
int main(){ double x[]={1,2},w[]={1,1}; printf("%g\n", weighted_mean(x,w,2)); }
