#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
int main(int c, char** v) {
  int r; long n = atol(v[1]); MPI_Init(&c, &v); MPI_Comm_rank(MPI_COMM_WORLD, &r);
  for (long lev = n / 4; lev <= 4 * n; lev *= 2) {
    printf("rank %d: level %ld\n", r, lev); fflush(stdout);
    size_t b = lev * lev * sizeof(double);
    double* u = calloc(1, b);
    if (!u) { fprintf(stderr, "rank %d: calloc of %zu bytes failed: %s\n", r, b, strerror(errno)); MPI_Abort(MPI_COMM_WORLD, 2); }
    MPI_Barrier(MPI_COMM_WORLD);
    free(u);
  }
  MPI_Finalize();
}
