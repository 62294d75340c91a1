#!/bin/bash
liblinear-train -s 19 -c 1 t.lin t.model
