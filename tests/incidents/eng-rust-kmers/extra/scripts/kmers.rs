//! ```cargo
//! [dependencies]
//! ```
fn main() { println!("{}", snakemake.input.len()); }
