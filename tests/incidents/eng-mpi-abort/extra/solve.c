#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
int main(int c,char**v){MPI_Init(&c,&v);int r;MPI_Comm_rank(MPI_COMM_WORLD,&r);printf("rank %d up\n",r);fflush(stdout);if(r==1){FILE*f=fopen(v[1],"r");if(!f){fprintf(stderr,"solve: cannot read mesh %s: %s\n",v[1],strerror(errno));MPI_Abort(MPI_COMM_WORLD,3);}}MPI_Barrier(MPI_COMM_WORLD);MPI_Finalize();return 0;}
