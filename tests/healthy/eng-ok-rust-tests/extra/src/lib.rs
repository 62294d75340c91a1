pub fn depth(v: &[u32], i: usize) -> u32 { v[i] }
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    #[should_panic(expected = "out of bounds")]
    fn panics_out_of_bounds() { depth(&[1, 2], 9); }
    #[test]
    fn error_is_reported() { let r = std::panic::catch_unwind(|| depth(&[], 0)); assert!(r.is_err()); }
    #[test]
    fn fine() { assert_eq!(depth(&[3], 0), 3); }
}
