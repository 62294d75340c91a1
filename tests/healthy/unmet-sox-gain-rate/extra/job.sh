#!/bin/bash
sox -V3 c.wav -b 16 o.wav gain 20 rate 4000
