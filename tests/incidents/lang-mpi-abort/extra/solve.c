#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
int main(int c, char** v) {
  int r, n; MPI_Init(&c, &v); MPI_Comm_rank(MPI_COMM_WORLD, &r); MPI_Comm_size(MPI_COMM_WORLD, &n);
  printf("rank %d of %d\n", r, n); fflush(stdout);
  char p[64]; snprintf(p, 64, "mesh/part.%d", r);
  FILE* f = fopen(p, "r");
  if (!f) { fprintf(stderr, "rank %d: cannot open %s\n", r, p); MPI_Abort(MPI_COMM_WORLD, 17); }
  double x, s = 0, t; while (fscanf(f, "%lf", &x) == 1) s += x;
  MPI_Allreduce(&s, &t, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  if (!r) printf("total %g\n", t);
  MPI_Finalize();
}
