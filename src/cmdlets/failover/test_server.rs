//! Test-CsManagementServerFailover: whether the Central Management store could fail over now, as an object.

use super::{Where, control, records};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind, Side, catalogue};
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::topology::Database;
use serde::Deserialize;

/// The cmdlet whose parameters it has, but for those that say what to do besides.
const OF: &str = "Invoke-CsManagementServerFailover";

/// The cmdlet.
#[derive(Default)]
pub struct TestServer;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    backup_sql_server_fqdn: Option<String>,
    backup_sql_instance_name: Option<String>,
    backup_mirror_sql_server_fqdn: Option<String>,
    backup_mirror_sql_instance_name: Option<String>,
    #[serde(default)]
    restore: bool,
}

impl Cmdlet for TestServer {
    const NAME: &'static str = "Test-CsManagementServerFailover";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const SIDE: Side = Side::Keeper;
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Would a planned failover succeed now?", run: "Test-CsManagementServerFailover" },
        Example {
            what: "What stands in its way, and what to do about it",
            run: "(Test-CsManagementServerFailover).Conditions | Where-Object {-not $_.Passed} | Select-Object Condition, Found, Advice",
        },
        Example {
            what: "What would be lost if the active host were lost now?",
            run: "(Test-CsManagementServerFailover -BackupSqlServerFqdn redmond-cs-001.litwareinc.com).Lost",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let of = catalogue::signature(OF)?;
        let leaves_out = ["Force", "Report"];
        let parameters = of.parameters.iter().filter(|parameter| !leaves_out.contains(&&*parameter.name));
        Some(CmdletSpec {
            name: Self::NAME.into(),
            should_process: false,
            parameters: parameters.cloned().collect(),
            ..(*of).clone()
        })
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = try_out(&args, cx);
        go_on(result, cx)
    }
}

fn try_out(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let wish = Where {
        server: args.backup_sql_server_fqdn.as_deref(),
        instance: args.backup_sql_instance_name.as_deref(),
        mirror: args.backup_mirror_sql_server_fqdn.as_deref(),
        mirror_instance: args.backup_mirror_sql_instance_name.as_deref(),
        restore: args.restore,
    }
    .wish()?;
    let grant = cx.authorize(&Place::Global)?;
    let found = control(cx)?.preflight(&Database::CentralMgmt, &wish, grant.principal())?;
    cx.output(records::test(&found))
}
