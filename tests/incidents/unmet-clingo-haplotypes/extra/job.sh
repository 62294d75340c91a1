#!/bin/bash
clingo hap.lp 0
