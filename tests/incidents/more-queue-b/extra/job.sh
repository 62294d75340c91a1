#!/bin/bash
python -c "import celery; print(celery.__version__)"
python run.py
