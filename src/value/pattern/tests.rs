//! Tests of this room: regular expressions.

use super::*;

fn replaced(text: &str, pattern: &str, by: &str) -> String {
    let pattern = compile(pattern, IGNORE_CASE).unwrap();
    let by = Replacement::new(by, &pattern);
    pattern.replace(text, usize::MAX, &mut |found| Ok(by.expand(&pattern, found, text))).unwrap()
}

#[test]
fn replaces_as_dotnet() {
    for (text, pattern, by, expected) in [
        ("ken.myer", r"^(\w+)\.(\w+)$", "$2, $1", "myer, ken"),
        ("ken.myer", r"(?<f>\w+)\.(?<l>\w+)", "${l}.${f}", "myer.ken"),
        ("abc", "b", "[$&]", "a[b]c"),
        ("abc", "b", "$$", "a$c"),
        ("abc", "b", "$5", "a$5c"),
        ("abc", "x*", "-", "-a-b-c-"),
        ("aab", "a*", "-", "--b-"),
        ("Pool POOL", "pool", "p", "p p"),
        ("xay", "(?<n>a)(y)", "$1$2", "xya"),
        ("a1", r"(\w)\d", "${1}0", "a0"),
        ("a\n", "a$", "b", "b\n"),
        ("é", "É", "e", "e"),
    ] {
        assert_eq!(replaced(text, pattern, by), expected, "{text} {pattern} {by}");
    }
}

#[test]
fn splits_as_dotnet() {
    let split = |text, pattern, most| compile(pattern, IGNORE_CASE).unwrap().split(text, most).unwrap().join("|");
    assert_eq!(split("a.b.c", ".", 0), "|||||");
    assert_eq!(split("a, b,c", r",\s*", 0), "a|b|c");
    assert_eq!(split("a,b,c", ",", 2), "a|b,c");
    assert_eq!(split("a1b", r"(\d)", 0), "a|1|b");
}

#[test]
fn look_around_and_bad_patterns() {
    assert!(compile("Cs(?=Help)", IGNORE_CASE).unwrap().is_match("CsHelpDesk").unwrap());
    assert!(compile("(a+)+$", 0).unwrap().is_match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!").is_ok());
    assert_eq!(compile("(", 0).unwrap_err().id(), "System.Text.RegularExpressions.RegexParseException");
    assert_eq!(escape("a.b c[d]"), r"a\.b\ c\[d]");
}
