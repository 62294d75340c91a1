use std::{env, fs};

fn window_mean(d: &[u32], start: usize, w: usize) -> f64 {
    let mut s = 0u64;
    for i in start..start + w {
        s += d[i] as u64;
    }
    s as f64 / w as f64
}

fn main() {
    let a: Vec<String> = env::args().collect();
    let w: usize = a[2].parse().unwrap();
    let text = fs::read_to_string(&a[1]).expect("depth table");
    let d: Vec<u32> = text.lines().map(|l| l.split('\t').nth(2).unwrap().parse().unwrap()).collect();
    eprintln!("[depthwin] {} positions, window {}", d.len(), w);
    let mut i = 0;
    while i < d.len() {
        println!("{}\t{:.2}", i, window_mean(&d, i, w));
        i += w;
    }
}
