#!/bin/bash
gforth crc.fs
