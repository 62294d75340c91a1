use std::io::{self, BufRead};
fn longest(v: Vec<String>) -> usize { v.iter().map(|s| s.len()).max().unwrap_or(0) }
fn unused_helper(x: i32) -> i32 { let y = x; x * 2 }
fn main() {
    let reads: Vec<String> = io::stdin().lock().lines().map(|l| l.unwrap()).collect();
    let m = longest(reads);
    for r in &reads { if r.len() * 2 > m { println!("{}", r); } }
}
