#!/bin/bash
swipl rules.pl
