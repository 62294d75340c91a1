#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
static double* grow(int rank, int n) { return rank == 1 ? NULL : calloc(n, sizeof(double)); }
static void push(double* cell, int i) { cell[i] += 1.0; }
int main(int c, char** v) {
  int r, n = atoi(v[1]); MPI_Init(&c, &v); MPI_Comm_rank(MPI_COMM_WORLD, &r);
  double* cell = grow(r, n);
  printf("[%d] %d particles\n", r, n); fflush(stdout);
  for (int i = 0; i < n; i++) push(cell, i);
  MPI_Barrier(MPI_COMM_WORLD); MPI_Finalize();
}
