#!/bin/bash
scilab-cli -nb -noatomsautoload -quit -f kf.sce
