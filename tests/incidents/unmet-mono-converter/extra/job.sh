#!/bin/bash
mono c.exe RawData/plate7.wiff
