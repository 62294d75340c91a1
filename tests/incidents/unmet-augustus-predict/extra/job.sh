#!/bin/bash
augustus --species=mytilus_edulis g.fa
