#include <mpi.h>
#include <stdio.h>
#include <unistd.h>
int main(int c,char**v){int r;MPI_Init(&c,&v);MPI_Comm_rank(MPI_COMM_WORLD,&r);for(int i=0;i<200;i++){if(!r){printf("generation %d best %.3f\n",i,1.0/(i+1));fflush(stdout);}usleep(300000);MPI_Barrier(MPI_COMM_WORLD);}MPI_Finalize();}
