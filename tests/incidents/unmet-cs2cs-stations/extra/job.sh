#!/bin/bash
cs2cs EPSG:4326 EPSG:992155 st.txt
