#!/bin/bash
groovy f.groovy
