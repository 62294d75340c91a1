#!/bin/bash
python -c "import statsmodels; print(statsmodels.__version__)"
python arima.py
