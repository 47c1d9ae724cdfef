//! Record ids of the 15- and 18-character kind.

use smol_str::SmolStr;

/// The 18-character form of a 15-character id (case-sensitive letters and digits): three characters are appended that say which of the
/// fifteen are upper case. `None` for every other text, also for an id that has its 18 characters.
pub fn id18(text: &str) -> Option<SmolStr> {
    const SUFFIXES: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let bytes = text.as_bytes();
    if bytes.len() != 15 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let mut id = String::with_capacity(18);
    id.push_str(text);
    for five in bytes.chunks(5) {
        let upper = five.iter().rev().fold(0_usize, |bits, byte| {
            bits << 1 | usize::from(byte.is_ascii_uppercase())
        });
        id.push(char::from(SUFFIXES[upper]));
    }
    Some(id.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_tells_the_case() {
        assert_eq!(
            id18("001D000000IqhSL").as_deref(),
            Some("001D000000IqhSLIAZ")
        );
        assert_eq!(
            id18("005000000000001").as_deref(),
            Some("005000000000001AAA")
        );
        for other in ["", "001D000000IqhSLIAZ", "001D000000Iqh-L", "short"] {
            assert_eq!(id18(other), None);
        }
    }
}
