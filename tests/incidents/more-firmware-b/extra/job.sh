#!/bin/bash
scons --version | sed -n 2p
scons
