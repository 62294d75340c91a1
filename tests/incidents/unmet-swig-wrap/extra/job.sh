#!/bin/bash
swig -python pot.i
