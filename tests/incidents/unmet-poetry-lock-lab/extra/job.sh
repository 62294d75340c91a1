#!/bin/bash
poetry lock --no-interaction
