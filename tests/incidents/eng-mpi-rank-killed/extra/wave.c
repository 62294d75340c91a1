#include <mpi.h>
#include <stdio.h>
#include <unistd.h>
int main(int c,char**v){MPI_Init(&c,&v);int r;MPI_Comm_rank(MPI_COMM_WORLD,&r);for(int i=0;i<40;i++){if(!r){printf("t=%d\n",i);fflush(stdout);}sleep(1);MPI_Barrier(MPI_COMM_WORLD);}MPI_Finalize();return 0;}
