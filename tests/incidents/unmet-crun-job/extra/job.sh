#!/bin/bash
crun --root ./state run --bundle b qc-07
