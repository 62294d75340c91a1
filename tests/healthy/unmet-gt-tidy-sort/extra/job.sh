#!/bin/bash
gt gff3 -sort -tidy -retainids maker.gff3
