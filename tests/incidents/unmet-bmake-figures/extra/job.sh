#!/bin/bash
bmake
