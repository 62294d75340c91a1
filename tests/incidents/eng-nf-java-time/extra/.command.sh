#!/bin/bash -ue
java Wait.java > o.txt
