#!/bin/bash
ccx beam
