#!/bin/bash
z3 enc.smt2
