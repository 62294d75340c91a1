#!/bin/bash
set -e
head -n 3 big.arff
java -Xmx28m -XX:+UseSerialGC -cp /usr/share/java/weka.jar weka.classifiers.trees.RandomForest -I 400 -t big.arff -no-cv
