#!/bin/bash
scons -k
