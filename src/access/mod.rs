//! Who may do what where: principals, roles, scopes, and the one `authorize`.

/// A place in the deployment that a cmdlet touches, as the scopes of roles see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The deployment as a whole: global settings, the topology, roles.
    Global,
    /// A site by its identity, `Site:Redmond`: its pools, computers, services, and configuration of its scope.
    Site(String),
    /// A user by the distinguished name of the OU that holds it.
    User(String),
}
