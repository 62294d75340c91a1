#!/bin/bash
apbs apbs.in
