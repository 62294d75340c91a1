#!/bin/bash
set -e
cd wc
git annex get f.nii
