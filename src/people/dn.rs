//! Distinguished names: `CN=Ken Myer,OU=Redmond,DC=litwareinc,DC=com`, compared without regard to case and blanks.

/// The parts of a distinguished name, the closest first; a comma behind a backslash parts nothing.
pub fn parts(dn: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in dn.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(dn[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(dn[start..].trim());
    parts
}

/// The form that is compared: lower case, no blanks around commas and equals signs.
pub fn normal(dn: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim().to_lowercase(), value.trim().to_lowercase()),
        None => part.to_lowercase(),
    };
    parts(dn).into_iter().map(part).collect::<Vec<_>>().join(",")
}

/// The container: the name without its first part; empty at the root.
pub fn parent(dn: &str) -> &str {
    let first = parts(dn)[0];
    let from = dn.find(first).unwrap_or(0) + first.len();
    dn[from..].trim_start_matches([' ', ',']).trim()
}

/// Whether a name lies below a container, at any depth, or is it. Part by part: a comma that belongs to a value parts
/// nothing, so that nobody gets into a unit by a name that ends like it.
pub fn within(dn: &str, container: &str) -> bool {
    let (dn, container) = (normal(dn), normal(container));
    let (dn, container) = (parts(&dn), parts(&container));
    dn.ends_with(&container)
}

/// Whether a text looks like a distinguished name.
pub fn is_dn(text: &str) -> bool {
    let named = |part: &str| {
        part.split_once('=')
            .is_some_and(|(name, _)| ["cn", "ou", "dc", "o"].iter().any(|n| name.trim().eq_ignore_ascii_case(n)))
    };
    text.contains(',') && parts(text).into_iter().all(named)
}

/// A name as the value of a part: what has a meaning there gets a backslash.
pub fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, ',' | '\\' | '+' | '"' | '<' | '>' | ';' | '=') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// The name that a value of a part stands for: what [`escape`] put a backslash before.
pub fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        text.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    text
}

/// `litwareinc.com` as `DC=litwareinc,DC=com`.
pub fn of_domain(domain: &str) -> String {
    domain.split('.').map(|label| format!("DC={label}")).collect::<Vec<_>>().join(",")
}

/// The domain of a distinguished name: `litwareinc.com`.
pub fn domain(dn: &str) -> String {
    let label = |part: &str| {
        part.split_once('=').filter(|(n, _)| n.trim().eq_ignore_ascii_case("dc")).map(|(_, v)| v.trim().to_string())
    };
    parts(dn).into_iter().filter_map(label).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_lies_in_its_containers_whatever_the_case_and_the_blanks() {
        let dn = r"CN=Myer\, Ken,OU=Finance,OU=North America,DC=litwareinc,DC=com";
        assert_eq!(parts(dn).len(), 5);
        assert_eq!(parent(dn), "OU=Finance,OU=North America,DC=litwareinc,DC=com");
        assert!(within(dn, "ou=north america, dc=litwareinc, dc=com"));
        assert!(within(dn, "dc=litwareinc,dc=com"));
        assert!(!within(dn, "ou=America,dc=litwareinc,dc=com"));
        assert!(!within("DC=xcom", "DC=com"));
        assert_eq!(domain(dn), "litwareinc.com");
        assert!(is_dn(dn) && !is_dn("Myer, Ken") && !is_dn("kenmyer"));
        assert_eq!(parent("DC=com"), "");
        assert_eq!(unescape(&escape(r"R&D, a=b\c")), r"R&D, a=b\c");
    }
}
