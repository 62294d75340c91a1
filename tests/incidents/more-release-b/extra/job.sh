#!/bin/bash
tox -q run -e fit
