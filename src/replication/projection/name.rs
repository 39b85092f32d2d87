//! Names of files for documents: any name of a document is a name of a file, on any file system.

use crate::store::DocumentId;

/// Longest name that file systems take, in bytes.
const LONGEST: usize = 255;
/// The end of every name.
const END: &str = ".json";
/// Names that Windows keeps for devices, whatever follows a dot.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The file of a document: `Kind/Scope.json`, or with a key `Kind/Scope,Key.json`. What is not a letter or digit of
/// ASCII, `-`, `_` or `.` is written as `%` and two hexadecimal digits for each byte. Documents differ in more than the
/// case of letters, and so do their files. What is too long is cut and ends in `~` and a hash of the whole.
pub fn file_name(id: &DocumentId) -> String {
    let mut file = encoded(&id.scope);
    if !id.key.is_empty() {
        file.push(',');
        file.push_str(&encoded(&id.key));
    }
    format!("{}/{}", fitted(encoded(&id.kind), ""), fitted(file, END))
}

fn encoded(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text.push(char::from(byte)),
            _ => percent(&mut text, byte),
        }
    }
    // Nothing else gives a percent sign alone.
    if text.is_empty() { "%".to_string() } else { text }
}

fn percent(text: &mut String, byte: u8) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    text.push('%');
    // Both are below 16.
    text.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

/// Makes a name fit: none that a file system keeps for itself, none too long.
fn fitted(name: String, end: &str) -> String {
    let mut name = name;
    let first = name.bytes().next().unwrap_or(b'%');
    let stem = name.split(['.', ',']).next().unwrap_or_default();
    if first == b'.' || DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) {
        let mut escaped = String::new();
        percent(&mut escaped, first);
        name.replace_range(..1, &escaped);
    }
    if end.is_empty() && name.ends_with('.') {
        name.pop();
        percent(&mut name, b'.');
    }
    if name.len() + end.len() <= LONGEST {
        return name + end;
    }
    // Of the name in lower case: names that are one in any case stay one. All of it is ASCII.
    let hash = blake3::hash(name.to_ascii_lowercase().as_bytes()).to_hex();
    let hash = hash.get(..32).unwrap_or_default();
    let kept = name.get(..LONGEST - end.len() - hash.len() - 1).unwrap_or_default();
    format!("{kept}~{hash}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, scope: &str, key: &str) -> String {
        file_name(&DocumentId::new(kind, scope, key))
    }

    #[test]
    fn names_are_readable_and_safe() {
        for ((kind, scope, key), name) in [
            (("VoicePolicy", "Global", ""), "VoicePolicy/Global.json"),
            (("VoicePolicy", "Site:Redmond", "a b"), "VoicePolicy/Site%3ARedmond,a%20b.json"),
            (("User", "Global", "ken@contoso.net"), "User/Global,ken%40contoso.net.json"),
            (("A", "../../etc", ""), "A/%2E.%2F..%2Fetc.json"),
            (("..", ".", ""), "%2E%2E/%2E.json"),
            (("A.", "x,y", "z"), "A%2E/x%2Cy,z.json"),
            (("Con", "nul", ""), "%43on/%6Eul.json"),
            (("", "", "k"), "%/%,k.json"),
            (("ö", "%", ""), "%C3%B6/%25.json"),
        ] {
            assert_eq!(of(kind, scope, key), name);
        }
    }

    /// Rule: no two documents have one file, and every name can be a file's.
    #[test]
    fn names_that_are_too_long_stay_apart() {
        let long = "x".repeat(300);
        let names = [of("K", &long, "a"), of("K", &long, "b"), of("K", &format!("{long}y"), ""), of(&long, "g", "")];
        for (at, name) in names.iter().enumerate() {
            assert!(name.split('/').all(|part| part.len() <= 255 && !part.is_empty()), "{name}");
            assert!(names.iter().skip(at + 1).all(|other| !other.eq_ignore_ascii_case(name)));
        }
        assert_eq!(of("K", &long, "A").to_lowercase(), of("K", &long, "a").to_lowercase());
    }
}
