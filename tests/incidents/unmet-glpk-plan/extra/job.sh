#!/bin/bash
glpsol --math plan.mod
