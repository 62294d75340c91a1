#!/bin/bash
pspp -b s.sps
