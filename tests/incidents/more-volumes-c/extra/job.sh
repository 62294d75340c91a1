#!/bin/bash
cd s/wc
git annex get .
ls -lL
