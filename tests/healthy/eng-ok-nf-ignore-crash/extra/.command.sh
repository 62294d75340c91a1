#!/bin/bash -ue
obabel -imop x.mop -osmi -O x.smi
