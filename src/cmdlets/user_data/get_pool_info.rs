//! Get-CsUserPoolInfo: the pool that a user is homed on, its backup pool, and which of them serves the user now.

use super::homed;
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::shape::Shape;
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::failover::active_computer;
use crate::people::{Directory, User};
use crate::topology::{Database, Pool, Topology};
use crate::value::{Record, Value, list_object};
use serde::Deserialize;
use std::sync::LazyLock;

/// The cmdlet.
#[derive(Default)]
pub struct GetPoolInfo {
    directory: Option<Directory>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

static INFO: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "Identity",
        "PrimaryPoolFqdn",
        "BackupPoolFqdn",
        "UserServicesPoolFqdn",
        "PrimaryPoolMachinesInPreferredOrder",
        "BackupPoolMachinesInPreferredOrder",
        "PrimaryPoolPrimaryRegistrar",
        "PrimaryPoolBackupRegistrars",
        "BackupPoolPrimaryRegistrar",
        "BackupPoolBackupRegistrars",
        "PrimaryPoolPrimaryUserService",
        "PrimaryPoolBackupUserServices",
        "BackupPoolPrimaryUserService",
        "BackupPoolBackupUserServices",
    ];
    Shape::new("Microsoft.Rtc.Management.Xds.GetOCsUserPoolInfoCmdlet+UserInformation", &names)
});

impl Cmdlet for GetPoolInfo {
    const NAME: &'static str = "Get-CsUserPoolInfo";
    const ACCESS: Access = Access::read(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Where a user is served", run: "Get-CsUserPoolInfo -Identity \"Ken Myer\"" },
        Example {
            what: "Users of a pool who are served elsewhere",
            run: "Get-CsUser -Filter {RegistrarPool -eq \"dub-pool.litwareinc.com\"} | Get-CsUserPoolInfo | Where-Object {$_.UserServicesPoolFqdn -ne $_.PrimaryPoolFqdn}",
        },
    ];
    // The deployment is read as this says.
    const FROM_BOUND: &'static [&'static str] = &["LocalStore"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.show(&args, cx);
        go_on(result, cx)
    }
}

impl GetPoolInfo {
    fn show(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let deployment = cx.deployment()?;
        if self.directory.is_none() {
            self.directory = Some(Directory::load(deployment.store())?);
        }
        // It was put there just now.
        let (user, home) = homed(self.directory.as_ref().ok_or(Halt::Interrupted)?, &args.identity)?;
        let place = Place::User(user.ou().to_string());
        if !cx.may_see(&place)? {
            cx.authorize(&place)?;
        }
        let topology = deployment.topology()?;
        let pool = topology.pool(&home)?;
        let serving = active_computer(deployment.store(), &topology, &Database::users(&home))?;
        let record = info(&topology, &user, pool, serving.as_deref())?;
        cx.output(record)
    }
}

/// What is shown of a user on a pool, whose documents are active on a computer.
fn info(topology: &Topology, user: &User, pool: &Pool, serving: Option<&str>) -> Result<Record, Halt> {
    let backup = topology.backup_pool(&pool.fqdn)?;
    let places = topology.database(&Database::users(&pool.fqdn));
    let at_backup = |computer: &str| places.as_ref().is_some_and(|places| places.at_backup(computer));
    let serves = match (backup, serving) {
        (Some(backup), Some(computer)) if at_backup(computer) => &backup.fqdn,
        _ => &pool.fqdn,
    };
    let own = machines(pool, user);
    let other = backup.map(|backup| machines(backup, user)).unwrap_or_default();
    let list = |names: &[String]| {
        Value::Record(list_object::new(true, names.iter().map(|name| Value::str(name.as_str())).collect()))
    };
    let first = |names: &[String]| names.first().map_or(Value::Null, |name| Value::str(name.as_str()));
    let rest = |names: &[String]| list(names.get(1..).unwrap_or_default());
    Ok(INFO.record(vec![
        Value::str(user.dn.as_str()),
        Value::str(pool.fqdn.as_str()),
        backup.map_or(Value::Null, |backup| Value::str(backup.fqdn.as_str())),
        Value::str(serves.as_str()),
        list(&own),
        list(&other),
        first(&own),
        rest(&own),
        first(&other),
        rest(&other),
        first(&own),
        rest(&own),
        first(&other),
        rest(&other),
    ]))
}

/// The computers of a pool in the order in which a user is given to them: another one for each user, the same always,
/// and when one goes the others keep their order.
fn machines(pool: &Pool, user: &User) -> Vec<String> {
    let name = if user.sip_address.is_empty() { &user.dn } else { &user.sip_address };
    let mut names: Vec<String> = pool.computers.iter().map(|computer| computer.fqdn.clone()).collect();
    names.sort_by_key(|computer| {
        *blake3::hash(format!("{}\n{}", name.to_lowercase(), computer.to_lowercase()).as_bytes()).as_bytes()
    });
    names
}
