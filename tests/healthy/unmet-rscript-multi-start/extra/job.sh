#!/bin/bash
Rscript f.R
