#!/bin/bash
svn checkout file:///scratch/svn/models/branches/v3 models
