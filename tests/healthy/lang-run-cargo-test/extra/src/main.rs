fn check(n: i32) -> Result<i32, String> { if n < 0 { Err(format!("fatal: negative count {}", n)) } else { Ok(n) } }
fn unused_error_path() {}
fn main() { let n: i32 = std::env::args().nth(1).unwrap().parse().unwrap(); println!("{}", check(n).unwrap()); }
#[cfg(test)]
mod tests {
    use super::*;
    #[test] #[should_panic(expected = "negative count")] fn panics_on_negative() { check(-1).unwrap(); }
    #[test] fn error_is_returned() { assert!(check(-3).is_err()); }
    #[test] fn fails_permission_denied() { assert!(std::fs::read("/proc/1/mem").is_err()); }
}
