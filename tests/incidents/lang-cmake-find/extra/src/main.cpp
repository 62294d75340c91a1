#include <armadillo>
int main(){}
