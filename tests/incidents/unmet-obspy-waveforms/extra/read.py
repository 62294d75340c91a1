from obspy import read
import glob
for f in sorted(glob.glob("wf/*.mseed")):
    st = read(f)
    print(f, st)
