#!/bin/bash
mkdocs build && ls site/index.html
