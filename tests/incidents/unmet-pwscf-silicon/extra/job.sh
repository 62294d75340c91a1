#!/bin/bash
pw.x -in si.in
