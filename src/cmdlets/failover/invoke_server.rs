//! Invoke-CsManagementServerFailover: the Central Management store goes over to its mirror, to the pool that stands by,
//! or back.

use super::carry_out::{self, Wanted};
use super::{Where, control};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind, Side};
use crate::error::{Category, ErrorRecord, Halt};
use crate::topology::Database;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct InvokeServer;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    backup_sql_server_fqdn: Option<String>,
    backup_sql_instance_name: Option<String>,
    backup_mirror_sql_server_fqdn: Option<String>,
    backup_mirror_sql_instance_name: Option<String>,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    restore: bool,
}

impl Cmdlet for InvokeServer {
    const NAME: &'static str = "Invoke-CsManagementServerFailover";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const SIDE: Side = Side::Keeper;
    const IF_LOST: Option<&'static str> = Some(
        "Ask first how far it came: the same command with -WhatIf. If it is not over, the same command again, from any \
         computer, goes on where it stopped; Invoke-CsManagementServerFailover -Restore undoes it, or leads back where the \
         switch was made.",
    );
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Who is active, where would it go, and would that succeed? Nothing is touched",
            run: "Invoke-CsManagementServerFailover -WhatIf",
        },
        Example {
            what: "The same for a disaster, with an account of it as a page",
            run: "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force -WhatIf -Report failover.html",
        },
        Example {
            what: "The active host is lost: the pool that stands by takes over with what it has",
            run: "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"redmond-cs-001.litwareinc.com\" -BackupSqlInstanceName \"RTC\" -Force",
        },
        Example {
            what: "Planned, in a time of calm: nothing is lost",
            run: "Invoke-CsManagementServerFailover -Confirm:$false -Verbose",
        },
    ];
    const FROM_BOUND: &'static [&'static str] = &["Report"];
    const FILES: &'static [FileParameter] = &[FileParameter::Write("Report")];
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        if let Some(force) = spec.parameters.iter_mut().find(|parameter| &*parameter.name == "Force") {
            force.validation.consent = true;
        }
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        // A -Force that was splatted as $false passes the binder.
        if args.backup_sql_server_fqdn.is_some() && !args.force {
            return Err(force_required().into());
        }
        let wish = Where {
            server: args.backup_sql_server_fqdn.as_deref(),
            instance: args.backup_sql_instance_name.as_deref(),
            mirror: args.backup_mirror_sql_server_fqdn.as_deref(),
            mirror_instance: args.backup_mirror_sql_instance_name.as_deref(),
            restore: args.restore,
        }
        .wish()?;
        let grant = cx.authorize(&Place::Global)?;
        let wanted = Wanted { database: Database::CentralMgmt, wish, asks: !args.force };
        carry_out::run(cx, &*control(cx)?, &grant, wanted)
    }
}

fn force_required() -> ErrorRecord {
    let message = "-BackupSqlServerFqdn demands -Force: what the backup does not have may be lost.";
    ErrorRecord::new("ForceRequired", Category::InvalidArgument, message).hint("Add -Force.").hint(
        "Without -BackupSqlServerFqdn the failover is planned: it waits for what is under way, and nothing is lost.",
    )
}
