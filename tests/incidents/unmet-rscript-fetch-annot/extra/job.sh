#!/bin/bash
Rscript get.R
