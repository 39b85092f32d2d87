//! Get-CsManagementConnection: which store this session is on, where that is, and as whom.

use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side};
use crate::cmdlets::copy;
use crate::cmdlets::shape::Shape;
use crate::cmdlets::topology::select::Visible;
use crate::error::Halt;
use crate::failover;
use crate::net::Addresses;
use crate::topology::{Database, SqlPlace};
use crate::value::{TextForm, Value, same_name};
use serde::Deserialize;
use std::sync::LazyLock;

/// The cmdlet.
#[derive(Default)]
pub struct GetConnection;

/// It has no parameters.
#[derive(Deserialize)]
pub struct Args {}

static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "StoreProvider",
        "Connection",
        "ReadOnly",
        "SqlServer",
        "SqlInstance",
        "MirrorSqlServer",
        "MirrorSqlInstance",
        "ActiveMaster",
        "Address",
        "Epoch",
        "Version",
        "Session",
        "Principal",
    ];
    Shape::with_text("Microsoft.Rtc.Management.Xds.ManagementConnection", &names, TextForm::Property("Connection"))
});

impl Cmdlet for GetConnection {
    const NAME: &'static str = "Get-CsManagementConnection";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const SIDE: Side = Side::Keeper;
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Which store this session is on", run: "Get-CsManagementConnection" },
        Example { what: "As whom", run: "(Get-CsManagementConnection).Principal" },
    ];
    type Args = Args;

    fn process(&mut self, _args: Args, cx: &mut Context) -> Result<(), Halt> {
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        Visible::sites(&topology, cx)?;
        let place = topology.active_store();
        let mut sql = place.as_ref().map(|place| &place.sql);
        let mut mirror = place.as_ref().and_then(|place| place.mirror.as_ref());
        // After a failover to the mirror the two have changed places.
        let active = failover::active_computer(deployment.store(), &topology, &Database::CentralMgmt)?;
        let is_active = |mirror: &SqlPlace| active.as_deref().is_some_and(|name| same_name(name, &mirror.computer));
        if mirror.is_some_and(is_active) {
            std::mem::swap(&mut sql, &mut mirror);
        }
        let server = |sql: Option<&SqlPlace>| Value::from(sql.map_or("", |sql| sql.fqdn.as_str()));
        let instance = |sql: Option<&SqlPlace>| Value::from(sql.map_or("", |sql| sql.instance.as_str()));
        let connection = sql.map(|sql| match sql.instance.is_empty() {
            true => sql.fqdn.clone(),
            false => format!("{}\\{}", sql.fqdn, sql.instance),
        });
        let head = deployment.store().head()?;
        copy::say(cx, &topology)?;
        // Where a copy answers, the master is the one that the copy names.
        let master = match deployment.is_replica() {
            true => active.clone().unwrap_or_default(),
            false => deployment.computer().to_string(),
        };
        let number = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        // A server runs the cmdlets of others; without one this session opened the store itself.
        let session = if deployment.control().is_some() { "Remote" } else { "InProcess" };
        cx.output(SHAPE.record(vec![
            "Sql".into(),
            connection.unwrap_or_default().into(),
            Value::Bool(deployment.is_replica()),
            server(sql),
            instance(sql),
            server(mirror),
            instance(mirror),
            master.as_str().into(),
            Addresses::file(deployment.host().addresses()).of(&master)?.into(),
            number(head.epoch),
            number(head.version),
            session.into(),
            cx.session.principal()?.name().into(),
        ]))
    }
}
