#!/bin/bash
yorick -batch fit.i
