#!/bin/bash
echo prepared 40 spins
