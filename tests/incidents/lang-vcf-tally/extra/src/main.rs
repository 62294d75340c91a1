use std::{env, error::Error, fs};
fn main() -> Result<(), Box<dyn Error>> {
    let p = env::args().nth(1).ok_or("no file")?;
    let mut n = 0u64;
    for l in fs::read_to_string(&p)?.lines() {
        let f: Vec<&str> = l.split('\t').collect();
        let dp: u64 = f[3].parse().map_err(|e| { eprintln!("tally: {}: bad depth {:?} at {}:{}", p, f[3], f[0], f[1]); e })?;
        n += dp;
    }
    println!("{}\t{}", p, n);
    Ok(())
}
