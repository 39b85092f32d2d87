//! The users of the operating system.

/// The name of a user by its number, which no environment variable can change; `None` where the list of users
/// (`/etc/passwd`) has none.
pub fn name_of(uid: u32) -> Option<String> {
    let number = uid.to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_string())
    })
}
