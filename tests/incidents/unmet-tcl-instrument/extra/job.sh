#!/bin/bash
tclsh inst.tcl
