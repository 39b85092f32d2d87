//! `-LdapFilter`: `Department=Finance`, `&(Department=Finance)(Title=Manager)`, `(!(l=Redmond))`.

use super::user::User;
use crate::error::{Category, ErrorRecord};
use crate::value::wildcard::Wildcard;
use crate::value::{near, same_name};

/// An LDAP filter, ready to be held against users.
#[derive(Debug)]
pub struct LdapFilter(Node);

#[derive(Debug)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Equal(Get, Wildcard),
    Present(Get),
    AtLeast(Get, String),
    AtMost(Get, String),
}

type Get = fn(&User) -> String;

/// Attributes by their names in the directory.
const ATTRIBUTES: [(&str, Get); 27] = [
    ("department", |u| u.department.clone()),
    ("title", |u| u.title.clone()),
    ("l", |u| u.city.clone()),
    ("st", |u| u.state_or_province.clone()),
    ("c", |u| u.country_or_region.clone()),
    ("co", |u| u.country_or_region.clone()),
    ("streetAddress", |u| u.street_address.clone()),
    ("postalCode", |u| u.postal_code.clone()),
    ("company", |u| u.company.clone()),
    ("physicalDeliveryOfficeName", |u| u.office.clone()),
    ("givenName", |u| u.first_name.clone()),
    ("sn", |u| u.last_name.clone()),
    ("cn", |u| u.display_name.clone()),
    ("name", |u| u.display_name.clone()),
    ("displayName", |u| u.display_name.clone()),
    ("sAMAccountName", |u| u.sam_account_name.clone()),
    ("userPrincipalName", |u| u.user_principal_name.clone()),
    ("distinguishedName", |u| u.dn.clone()),
    ("mail", |u| u.windows_email_address.clone()),
    ("telephoneNumber", |u| u.phone.clone()),
    ("mobile", |u| u.mobile_phone.clone()),
    ("homePhone", |u| u.home_phone.clone()),
    ("manager", |u| u.manager.clone()),
    ("objectClass", |_| "user".into()),
    ("objectCategory", |_| "person".into()),
    ("msRTCSIP-PrimaryUserAddress", |u| u.sip_address.clone()),
    ("msRTCSIP-UserEnabled", |u| u.enabled.map_or(String::new(), |on| on.to_string())),
];
const DEEPEST: usize = 64;

impl LdapFilter {
    /// Reads a filter; the outermost brackets may be left off.
    ///
    /// # Errors
    /// `InvalidFilter` with the place, and the near name of an attribute that there is not.
    pub fn parse(source: &str) -> Result<LdapFilter, ErrorRecord> {
        let mut parser = Parser { source, rest: source.trim() };
        let node = if parser.rest.starts_with('(') { parser.bracket(0)? } else { parser.inside(0)? };
        if parser.rest.trim().is_empty() {
            Ok(LdapFilter(node))
        } else {
            Err(parser.error("Nothing is expected here."))
        }
    }

    /// Whether a user is meant.
    pub fn selects(&self, user: &User) -> bool {
        self.0.holds(user)
    }
}

impl Node {
    fn holds(&self, user: &User) -> bool {
        match self {
            Node::And(all) => all.iter().all(|node| node.holds(user)),
            Node::Or(any) => any.iter().any(|node| node.holds(user)),
            Node::Not(node) => !node.holds(user),
            Node::Equal(get, wildcard) => wildcard.matches(&get(user)),
            Node::Present(get) => !get(user).is_empty(),
            Node::AtLeast(get, value) => get(user).to_lowercase() >= *value,
            Node::AtMost(get, value) => get(user).to_lowercase() <= *value,
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    rest: &'a str,
}

impl Parser<'_> {
    fn bracket(&mut self, depth: usize) -> Result<Node, ErrorRecord> {
        if depth > DEEPEST {
            return Err(self.error("The filter is nested too deeply."));
        }
        self.rest = match self.rest.trim_start().strip_prefix('(') {
            Some(rest) => rest,
            None => return Err(self.error("'(' is expected here.")),
        };
        let node = self.inside(depth)?;
        match self.rest.trim_start().strip_prefix(')') {
            Some(rest) => self.rest = rest,
            None => return Err(self.error("')' is expected here.")),
        }
        Ok(node)
    }

    fn inside(&mut self, depth: usize) -> Result<Node, ErrorRecord> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('!') {
            self.rest = rest;
            let bracketed = rest.trim_start().starts_with('(');
            return Ok(Node::Not(Box::new(if bracketed { self.bracket(depth + 1)? } else { self.comparison()? })));
        }
        let make = match self.rest.chars().next() {
            Some('&') => Node::And,
            Some('|') => Node::Or,
            _ => return self.comparison(),
        };
        self.rest = &self.rest[1..];
        let mut nodes = Vec::new();
        while self.rest.trim_start().starts_with('(') {
            nodes.push(self.bracket(depth + 1)?);
        }
        if nodes.is_empty() { Err(self.error("'(' is expected here.")) } else { Ok(make(nodes)) }
    }

    fn comparison(&mut self) -> Result<Node, ErrorRecord> {
        let end = self.rest.find([')', '(']).unwrap_or(self.rest.len());
        let part = &self.rest[..end];
        let Some((name, value)) = part.split_once('=') else {
            return Err(self
                .error("A comparison is expected here.")
                .hint("It is an attribute, '=' and a value: Department=Finance."));
        };
        let (name, order) = match name.strip_suffix(['>', '<', '~']) {
            Some(short) => (short.trim(), name.chars().last()),
            None => (name.trim(), None),
        };
        let Some((_, get)) = ATTRIBUTES.iter().find(|(attribute, _)| same_name(attribute, name)) else {
            let error = self.error(&format!("There is no attribute '{name}'."));
            return Err(match near::nearest(name, ATTRIBUTES.map(|(attribute, _)| attribute)) {
                Some(near) => error.hint(format!("Did you mean '{near}'?")),
                None => error,
            });
        };
        let value = value.trim();
        let node = match order {
            Some('>') => Node::AtLeast(*get, value.to_lowercase()),
            Some('<') => Node::AtMost(*get, value.to_lowercase()),
            _ if value == "*" => Node::Present(*get),
            // Only the star is a wildcard here.
            _ => {
                let pattern = value.replace('`', "``").replace('[', "`[").replace(']', "`]").replace('?', "`?");
                Node::Equal(*get, Wildcard::new(&pattern)?)
            }
        };
        self.rest = &self.rest[end..];
        Ok(node)
    }

    fn error(&self, message: &str) -> ErrorRecord {
        // What is left ends where the blanks at the end begin.
        let read = self.source.trim_end().len().saturating_sub(self.rest.trim_end().len());
        let at = self.source.get(..read).unwrap_or(self.source).chars().count() + 1;
        let message = format!("The LDAP filter cannot be read at character {at}: {message}");
        ErrorRecord::new("InvalidFilter", Category::InvalidArgument, message).target(self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(source: &str) -> Result<bool, ErrorRecord> {
        let ken =
            User { department: "Finance".into(), title: "Manager".into(), city: "Redmond".into(), ..User::default() };
        Ok(LdapFilter::parse(source)?.selects(&ken))
    }

    #[test]
    fn published_filters_select() {
        for (source, expected) in [
            ("Department=Finance", true),
            ("department=IT", false),
            ("&(Department=Finance)(Title=Manager)", true),
            ("(&(Department=Finance)(Title=Supervisor))", false),
            ("|(Title=Supervisor)(Title=Manager)", true),
            ("(!(l=Redmond))", false),
            ("!l=London", true),
            ("l=Red*", true),
            ("mail=*", false),
            ("(&(l>=r)(l<=s))", true),
        ] {
            assert_eq!(selects(source).unwrap_or_else(|e| panic!("{source}: {e}")), expected, "{source}");
        }
        let deep = format!("{}l=x{}", "(!".repeat(9999), ")".repeat(9999));
        for bad in ["", "Department", "Departmnt=x", "(l=x", "&", "(l=x))", "é(", "\u{2013}x ", &deep] {
            assert_eq!(selects(bad).expect_err(bad).id(), "InvalidFilter", "{bad}");
        }
    }
}
