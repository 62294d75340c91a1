#!/bin/bash
Rscript dist.R
