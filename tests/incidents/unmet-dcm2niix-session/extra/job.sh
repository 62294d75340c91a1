#!/bin/bash
set -e
dcm2niix -b y -z n -f sub-07_%p -o nii dicom/ses-01
