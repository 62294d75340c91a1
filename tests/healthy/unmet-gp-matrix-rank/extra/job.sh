#!/bin/bash
gp -q -D parisize=1M -D parisizemax=200M s.gp < /dev/null
