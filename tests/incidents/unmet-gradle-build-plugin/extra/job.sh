#!/bin/bash
gradle --no-daemon --offline build
