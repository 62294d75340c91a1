#!/bin/bash
mono b.exe
