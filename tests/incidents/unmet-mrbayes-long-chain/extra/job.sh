#!/bin/bash
mb run.nex
