//! How text becomes bytes and bytes become text: what -Encoding names.

use crate::cmdlet::Bound;
use crate::cmdlet::spec::ParameterType;
use crate::cmdlets::object::signature::choice;
use crate::cmdlets::object::string;

/// How text becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    Utf8Mark,
    Ascii,
    Latin1,
    Utf16,
    Utf16Big,
    Utf32,
    Utf32Big,
    /// A byte a character: Windows' own and the console's.
    Page(Page),
}

/// A code page of single bytes, whose first half is ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Windows1252,
    Oem437,
    Oem850,
}

/// The values of -Encoding: PowerShell's names, numbers of code pages, and names that the web has.
const ENCODINGS: &[(&str, Encoding)] = &[
    ("ascii", Encoding::Ascii),
    ("ansi", Encoding::Page(Page::Windows1252)),
    ("bigendianunicode", Encoding::Utf16Big),
    ("bigendianutf32", Encoding::Utf32Big),
    ("default", Encoding::Utf8),
    ("latin1", Encoding::Latin1),
    ("oem", Encoding::Page(Page::Oem437)),
    ("unicode", Encoding::Utf16),
    ("utf8", Encoding::Utf8),
    ("utf8BOM", Encoding::Utf8Mark),
    ("utf8NoBOM", Encoding::Utf8),
    ("utf32", Encoding::Utf32),
    ("437", Encoding::Page(Page::Oem437)),
    ("850", Encoding::Page(Page::Oem850)),
    ("1200", Encoding::Utf16),
    ("1201", Encoding::Utf16Big),
    ("1252", Encoding::Page(Page::Windows1252)),
    ("12000", Encoding::Utf32),
    ("12001", Encoding::Utf32Big),
    ("20127", Encoding::Ascii),
    ("28591", Encoding::Latin1),
    // As .NET has it: with a mark.
    ("65001", Encoding::Utf8Mark),
    ("iso-8859-1", Encoding::Latin1),
    ("us-ascii", Encoding::Ascii),
    ("utf-8", Encoding::Utf8Mark),
    ("utf-16", Encoding::Utf16),
    ("windows-1252", Encoding::Page(Page::Windows1252)),
];

/// The type of -Encoding.
pub(crate) fn encodings() -> ParameterType {
    let names: Vec<&str> = ENCODINGS.iter().map(|(name, _)| *name).collect();
    choice("Encoding", &names)
}

fn named(name: &str) -> Option<Encoding> {
    ENCODINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, encoding)| *encoding)
}

/// -Encoding.
pub(super) fn encoding(bound: &Bound) -> Encoding {
    string(bound, "Encoding").and_then(|name| named(&name)).unwrap_or_default()
}

impl Encoding {
    /// The bytes with which a file in it begins, where it is marked.
    pub(super) fn mark(self) -> &'static [u8] {
        match self {
            Encoding::Utf8 | Encoding::Ascii | Encoding::Latin1 | Encoding::Page(_) => b"",
            Encoding::Utf8Mark => b"\xef\xbb\xbf",
            Encoding::Utf16 => b"\xff\xfe",
            Encoding::Utf16Big => b"\xfe\xff",
            Encoding::Utf32 => b"\xff\xfe\0\0",
            Encoding::Utf32Big => b"\0\0\xfe\xff",
        }
    }

    /// Whether a line of it ends in one byte.
    pub(super) fn ends_lines_in_a_byte(self) -> bool {
        !matches!(self, Encoding::Utf16 | Encoding::Utf16Big | Encoding::Utf32 | Encoding::Utf32Big)
    }

    /// A text as bytes, without a mark; a `?` for what the encoding has not.
    pub(super) fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 | Encoding::Utf8Mark => text.as_bytes().to_vec(),
            Encoding::Ascii => text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' }).collect(),
            Encoding::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
            Encoding::Page(page) => text.chars().map(|c| page.byte(c)).collect(),
            Encoding::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Utf32 => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Encoding::Utf32Big => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        }
    }

    /// Bytes without a mark as a text.
    pub(super) fn text(self, body: &[u8]) -> String {
        let pairs = |make: fn([u8; 2]) -> u16| {
            let units: Vec<u16> = body.as_chunks().0.iter().map(|pair| make(*pair)).collect();
            String::from_utf16_lossy(&units)
        };
        let fours = |make: fn([u8; 4]) -> u32| {
            let one = |four: &[u8; 4]| char::from_u32(make(*four)).unwrap_or('\u{fffd}');
            body.as_chunks().0.iter().map(one).collect()
        };
        match self {
            Encoding::Utf8 | Encoding::Utf8Mark | Encoding::Ascii => String::from_utf8_lossy(body).into_owned(),
            Encoding::Latin1 => body.iter().map(|byte| char::from(*byte)).collect(),
            Encoding::Page(page) => body.iter().map(|byte| page.char(*byte)).collect(),
            Encoding::Utf16 => pairs(u16::from_le_bytes),
            Encoding::Utf16Big => pairs(u16::from_be_bytes),
            Encoding::Utf32 => fours(u32::from_le_bytes),
            Encoding::Utf32Big => fours(u32::from_be_bytes),
        }
    }
}

/// Bytes as text: by their mark, else by the encoding that is given.
pub(super) fn decoded(bytes: &[u8], given: Encoding) -> String {
    // The longer marks first: that of UTF-16 begins that of UTF-32.
    let marks = [Encoding::Utf32, Encoding::Utf32Big, Encoding::Utf8Mark, Encoding::Utf16, Encoding::Utf16Big];
    let marked = marks.into_iter().find(|encoding| bytes.starts_with(encoding.mark()));
    let body = marked.and_then(|encoding| bytes.get(encoding.mark().len()..)).unwrap_or(bytes);
    marked.unwrap_or(given).text(body)
}

/// Bytes as text, by their mark, else by the name of an encoding as the web has it; UTF-8 where it is not known.
pub(crate) fn text_of(bytes: &[u8], charset: &str) -> String {
    let encoding = match charset.to_lowercase().as_str() {
        "utf-16le" => Encoding::Utf16,
        "utf-16be" => Encoding::Utf16Big,
        "utf-32" => Encoding::Utf32,
        other => named(other).unwrap_or_default(),
    };
    decoded(bytes, encoding)
}

impl Page {
    /// What the bytes from 0x80 on stand for.
    fn upper(self) -> &'static [u16] {
        match self {
            Page::Windows1252 => &WINDOWS_1252,
            Page::Oem437 => &OEM_437,
            Page::Oem850 => &OEM_850,
        }
    }

    fn char(self, byte: u8) -> char {
        let upper = usize::from(byte).checked_sub(0x80).and_then(|at| self.upper().get(at));
        upper.and_then(|unit| char::from_u32((*unit).into())).unwrap_or(char::from(byte))
    }

    fn byte(self, c: char) -> u8 {
        if c.is_ascii() {
            return c as u8;
        }
        let upper = self.upper();
        let at = upper.iter().position(|unit| u32::from(*unit) == u32::from(c));
        // Beyond the table a page is Latin-1's.
        let beyond = || u8::try_from(u32::from(c)).ok().filter(|byte| usize::from(*byte) >= 0x80 + upper.len());
        at.and_then(|at| u8::try_from(at + 0x80).ok()).or_else(beyond).unwrap_or(b'?')
    }
}

/// What Windows-1252 has where Latin-1 has control characters.
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d,
    0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
    0x0153, 0x009d, 0x017e, 0x0178,
];

/// The upper half of the console's code page in the United States.
const OEM_437: [u16; 128] = [
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec,
    0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2,
    0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310,
    0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556,
    0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c,
    0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df,
    0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
    0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2,
    0x25a0, 0x00a0,
];

/// The upper half of that of Western Europe.
const OEM_850: [u16; 128] = [
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec,
    0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00f8,
    0x00a3, 0x00d8, 0x00d7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x00ae,
    0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x00c1, 0x00c2, 0x00c0,
    0x00a9, 0x2563, 0x2551, 0x2557, 0x255d, 0x00a2, 0x00a5, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c,
    0x00e3, 0x00c3, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x00a4, 0x00f0, 0x00d0, 0x00ca, 0x00cb,
    0x00c8, 0x0131, 0x00cd, 0x00ce, 0x00cf, 0x2518, 0x250c, 0x2588, 0x2584, 0x00a6, 0x00cc, 0x2580, 0x00d3, 0x00df,
    0x00d4, 0x00d2, 0x00f5, 0x00d5, 0x00b5, 0x00fe, 0x00de, 0x00da, 0x00db, 0x00d9, 0x00fd, 0x00dd, 0x00af, 0x00b4,
    0x00ad, 0x00b1, 0x2017, 0x00be, 0x00b6, 0x00a7, 0x00f7, 0x00b8, 0x00b0, 0x00a8, 0x00b7, 0x00b9, 0x00b3, 0x00b2,
    0x25a0, 0x00a0,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written in an encoding reads as the same text.
    #[test]
    fn each_encoding_reads_what_it_writes() {
        for (name, text, bytes) in [
            ("ansi", "a€ü", &b"a\x80\xfc"[..]),
            ("1252", "–", b"\x96"),
            ("28591", "ü", b"\xfc"),
            ("oem", "ü│", b"\x81\xb3"),
            ("437", "é", b"\x82"),
            ("850", "Ø", b"\x9d"),
            ("bigendianutf32", "ü", b"\0\0\0\xfc"),
            ("1201", "ü", b"\0\xfc"),
            ("UTF8", "ü", b"\xc3\xbc"),
        ] {
            let encoding = named(name).unwrap();
            assert_eq!(encoding.bytes(text), bytes, "{name}");
            assert_eq!(encoding.text(bytes), text, "{name}");
        }
        for (name, text) in [("ansi", "Ā"), ("oem", "Ø"), ("ascii", "ü"), ("latin1", "€")] {
            assert_eq!(named(name).unwrap().bytes(text), b"?", "{name}");
        }
        for page in [Page::Windows1252, Page::Oem437, Page::Oem850] {
            let there_and_back = |byte: &u8| page.byte(page.char(*byte)) == *byte;
            assert!((0..=255_u8).all(|byte| there_and_back(&byte)), "{page:?}");
        }
    }

    #[test]
    fn a_mark_says_more_than_what_is_given() {
        assert_eq!(decoded(b"\0\0\xfe\xff\0\0\0a", Encoding::Utf8), "a");
        assert_eq!(decoded(b"\xff\xfea\0", Encoding::Page(Page::Oem437)), "a");
    }
}
