#!/bin/bash
FreeFem++ -nw -v 1 st.edp
