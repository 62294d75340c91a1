#!/bin/bash
ant
