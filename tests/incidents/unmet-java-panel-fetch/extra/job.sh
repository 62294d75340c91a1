#!/bin/bash
java Fetch.java https://data.lab.internal:8443/data/panel.json
