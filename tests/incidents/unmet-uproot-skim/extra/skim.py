import uproot
with uproot.open("run3.root") as f:
    t = f["Events"]
    print("entries", t.num_entries)
    a = t.arrays(["Muon_pt", "Muon_eta"], library="np")
    phi = t["Muon_phi"].array()
