#!/bin/bash
nwchem w.nw
