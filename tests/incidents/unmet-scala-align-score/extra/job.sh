#!/bin/bash
set -e
scalac Score.scala
scala Score
