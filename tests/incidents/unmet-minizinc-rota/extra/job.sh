#!/bin/bash
minizinc rota.mzn
