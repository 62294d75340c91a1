#!/bin/bash
poetry --version
poetry lock --no-interaction
