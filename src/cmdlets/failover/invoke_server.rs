//! Invoke-CsManagementServerFailover: the Central Management store goes over to its mirror, to the pool that stands by,
//! or back.

use super::carry_out::{self, Wanted};
use super::{Where, control};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind, Side};
use crate::cmdlets::signature::ours;
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::Wish;
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
    #[serde(default)]
    last_report: bool,
}

/// The report of a failover that is over, where nobody had it.
pub(super) const LAST_REPORT: &str = "LastReport";

impl Cmdlet for InvokeServer {
    const NAME: &'static str = "Invoke-CsManagementServerFailover";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const SIDE: Side = Side::Keeper;
    const IF_LOST: Option<&'static str> = Some(
        "Ask first how far it came: the same command with -WhatIf. If it is not over, the same command again, from any \
         computer, goes on where it stopped; Invoke-CsManagementServerFailover -Restore undoes it, or leads back where the \
         switch was made; -LastReport gives the report of one that came to its end by itself.",
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
        spec.parameters.push(ours(LAST_REPORT, ParameterType::Switch, "SwitchParameter"));
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
        let wish = if args.last_report { only_report(wish)? } else { wish };
        let grant = cx.authorize(&Place::Global)?;
        let wanted = Wanted { database: Database::CentralMgmt, wish, asks: !args.force && !args.last_report };
        carry_out::run(cx, &*control(cx)?, &grant, wanted)
    }
}

/// -LastReport does nothing, and so goes with nothing that is to be done.
fn only_report(wish: Wish) -> Result<Wish, ErrorRecord> {
    if wish == Wish::Next {
        return Ok(Wish::Report);
    }
    let message =
        "-LastReport goes neither with -Restore nor with -BackupSqlServerFqdn: it does nothing but give a report.";
    Err(ErrorRecord::new("AmbiguousParameterSet", Category::InvalidArgument, message)
        .hint("Give -LastReport alone first, then the other command."))
}

fn force_required() -> ErrorRecord {
    let message = "-BackupSqlServerFqdn demands -Force: what the backup does not have may be lost.";
    ErrorRecord::new("ForceRequired", Category::InvalidArgument, message).hint("Add -Force.").hint(
        "Without -BackupSqlServerFqdn the failover is planned: it waits for what is under way, and nothing is lost.",
    )
}
