//! The cmdlets that are written in script: their texts lie in `stdlib/cmdlets`, one file a cmdlet, compiled in.

use crate::cmdlet::{Access, Bound, CmdletEntry, Context, Example, Run, ScriptText, Side};
use crate::error::Halt;
use crate::script::signature;
use std::borrow::Cow;
use std::sync::Arc;

/// One of them.
struct Script {
    name: &'static str,
    /// The cmdlets that it runs and that need a role.
    runs: &'static [&'static str],
    examples: &'static [Example],
    script: ScriptText,
}

macro_rules! script {
    ($file:literal) => {
        ScriptText { file: $file, text: include_str!(concat!("../../../stdlib/cmdlets/", $file)) }
    };
}

const SCRIPTS: &[Script] = &[TEST_POOL_PAIRING, WAIT_REPLICATION];

const TEST_POOL_PAIRING: Script = Script {
    name: "Test-CsPoolPairing",
    runs: &["Get-CsPoolBackupRelationship", "Get-CsBackupServiceStatus", "Get-CsPool", "Get-CsService"],
    examples: &[
        Example {
            what: "Whether a pool and its backup pool are paired as they should be",
            run: "Test-CsPoolPairing dub-pool.litwareinc.com",
        },
        Example {
            what: "What is wrong with a pair, and what to do",
            run: "Test-CsPoolPairing -PoolFqdn atl-cs-001.litwareinc.com | Where-Object {-not $_.Passed}",
        },
    ],
    script: script!("Test-CsPoolPairing.rhai"),
};

const WAIT_REPLICATION: Script = Script {
    name: "Wait-CsReplication",
    runs: &["Get-CsManagementStoreReplicationStatus"],
    examples: &[
        Example {
            what: "Wait until every replica is up to date, a second at most",
            run: "Wait-CsReplication -TimeoutSeconds 1",
        },
        Example {
            what: "See whether one is, and go on with its status",
            run: "Wait-CsReplication atl-cs-001.litwareinc.com -TimeoutSeconds 0 -PassThru",
        },
    ],
    script: script!("Wait-CsReplication.rhai"),
};

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    SCRIPTS.iter().map(entry).collect()
}

fn entry(script: &'static Script) -> CmdletEntry {
    CmdletEntry {
        name: Cow::Borrowed(script.name),
        aliases: &[],
        // The cmdlets that it runs ask for what they need.
        access: Access::CLIENT,
        side: Side::Client,
        here: None,
        examples: script.examples,
        spec: Arc::new(|| Arc::new(signature::of_text(script.name, script.script.text))),
        make: Arc::new(|| Box::new(Scripted { name: script.name, run: None })),
        looks_at: None,
        files: &[],
        runs: script.runs,
        if_lost: None,
        script: Some(script.script),
    }
}

/// Hands everything on to the function that the text defines.
struct Scripted {
    name: &'static str,
    run: Option<Box<dyn Run>>,
}

impl Run for Scripted {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let run = self.run.insert(cx.blocks.script_cmdlet(self.name)?);
        run.begin(bound, cx)
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.run.as_mut().map_or(Ok(()), |run| run.process(bound, cx))
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.run.as_mut().map_or(Ok(()), |run| run.end(bound, cx))
    }
}
