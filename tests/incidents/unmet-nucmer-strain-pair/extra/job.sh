#!/bin/bash
nucmer --prefix=ref_K12 ref.fa K12.fna || exit 1
show-coords -rcl ref_K12.delta > ref_K12.coords
