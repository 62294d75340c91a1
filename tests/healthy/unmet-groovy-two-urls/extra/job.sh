#!/bin/bash
groovy g.groovy
