DATA LIST LIST FILE='/data/shared/stations.csv' SKIP=1 /station (A8) lat lon temp.
DESCRIPTIVES lat.
FREQUENCIES altitude.
