#!/bin/bash
cabal build --offline -v1
