#!/bin/bash
groovy r.groovy
