#!/bin/bash
source-extractor f07_g.fits -c default.sex -PARAMETERS_NAME phot.param -CATALOG_NAME f07.cat
