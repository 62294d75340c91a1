#!/bin/bash
for i in $(seq 40); do echo "$(hostname) member $OMPI_COMM_WORLD_RANK day $i"; sleep .4; done
