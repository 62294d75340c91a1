#!/bin/bash
hashcat -b -m 0 -D 2
