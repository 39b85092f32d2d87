//! The text of a file: by its byte order mark, else UTF-8, as PowerShell reads scripts.

/// The text that bytes are, without its mark.
///
/// # Errors
/// What is wrong with them, for a sentence that names the file.
pub fn of_bytes(bytes: &[u8]) -> Result<String, String> {
    // UTF-32's mark begins with that of UTF-16.
    let (rest, width, little) = match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => (rest, 4, true),
        [0, 0, 0xFE, 0xFF, rest @ ..] => (rest, 4, false),
        [0xFF, 0xFE, rest @ ..] => (rest, 2, true),
        [0xFE, 0xFF, rest @ ..] => (rest, 2, false),
        _ => {
            let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            let text = std::str::from_utf8(rest).map_err(|error| {
                let at = error.valid_up_to() + bytes.len() - rest.len();
                format!("not UTF-8 at byte {at}; save it as UTF-8, or with a byte order mark")
            })?;
            return Ok(text.to_string());
        }
    };
    let units = rest.chunks(width).map(|chunk| {
        let fold = |sum: u32, byte: &u8| (sum << 8) | u32::from(*byte);
        if little { chunk.iter().rev().fold(0, fold) } else { chunk.iter().fold(0, fold) }
    });
    let wrong = || format!("no UTF-{}, as its first bytes say", width * 8);
    if rest.len() % width != 0 {
        return Err(wrong());
    }
    match width {
        4 => units.map(char::from_u32).collect::<Option<String>>().ok_or_else(wrong),
        _ => {
            let units = units.filter_map(|unit| u16::try_from(unit).ok());
            char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| wrong())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: a mark says which encoding it is; without one it is UTF-8.
    #[test]
    fn texts_are_read_by_their_mark() {
        let both = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
        };
        let cases: Vec<Vec<u8>> = vec![
            "'é😀'".into(),
            [b"\xEF\xBB\xBF".to_vec(), "'é😀'".into()].concat(),
            both("\u{feff}'é😀'", true),
            both("\u{feff}'é😀'", false),
            "\u{feff}'é😀'".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            "\u{feff}'é😀'".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        ];
        for bytes in cases {
            assert_eq!(of_bytes(&bytes).as_deref(), Ok("'é😀'"), "{bytes:?}");
        }
        for bytes in [&b"\xE9"[..], b"\xFF\xFEa", b"\xFF\xFE\x00\xD8", b"\xFF\xFE\x00\x00\x00\x00\x00\x7F"] {
            assert!(of_bytes(bytes).is_err(), "{bytes:?}");
        }
        assert_eq!(of_bytes(b"").as_deref(), Ok(""));
    }
}
