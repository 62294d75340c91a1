#!/bin/bash
povray +If.pov +Of.png +W80 +H60 -D
