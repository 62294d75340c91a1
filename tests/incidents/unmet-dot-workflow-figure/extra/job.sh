#!/bin/bash
dot -Tpng wf.dot -o wf.png
