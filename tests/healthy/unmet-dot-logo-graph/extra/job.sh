#!/bin/bash
dot -Tpng g.dot -o g.png
