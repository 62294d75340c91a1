#!/bin/bash
scons -Q
