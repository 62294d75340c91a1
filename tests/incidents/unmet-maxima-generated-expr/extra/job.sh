#!/bin/bash
maxima --very-quiet -b d.mac
