#!/bin/bash -ue
mkdir idx; cp tx.fa idx/
