#!/bin/bash
csound -n -d tone.csd
