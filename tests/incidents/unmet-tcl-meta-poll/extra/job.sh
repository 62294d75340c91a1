#!/bin/bash
tclsh g.tcl
