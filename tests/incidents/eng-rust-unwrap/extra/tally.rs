use std::fs;
fn main() {
    let p = std::env::args().nth(1).unwrap();
    let t = fs::read_to_string(p).unwrap();
    let mut n = vec![0u32; 4];
    for l in t.lines() {
        let i: usize = l.split('\t').next().unwrap().parse().unwrap();
        n[i] += 1;
    }
    println!("{:?}", n);
}
