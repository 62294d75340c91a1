@0xbf5147cbbecf40c1;
struct Rec { id @0 :UInt32; }
