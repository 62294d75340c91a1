#!/bin/bash
hugo
