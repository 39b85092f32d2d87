//! Publish-CsTopology: puts a topology document into the store.

use super::left_behind;
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind};
use crate::error::{Category, ErrorRecord, Halt};
use crate::store::Expected;
use crate::topology::{self, Topology};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct PublishTopology;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    file_name: Option<String>,
    document: Option<String>,
    backup_file_name: Option<String>,
    #[serde(default)]
    finalize_uninstall: bool,
}

impl Cmdlet for PublishTopology {
    const NAME: &'static str = "Publish-CsTopology";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Keep the document in a file, and see what publishing it would do",
            run: "Get-CsTopology -AsXml | Out-File topology.xml; Publish-CsTopology -FileName topology.xml -WhatIf",
        },
        Example {
            what: "Publish a document that is at hand",
            run: "Publish-CsTopology -Document (Get-CsTopology -AsXml)",
        },
    ];
    // It asks nothing of its own, so -Force has nothing to suppress.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    const FILES: &'static [FileParameter] = &[FileParameter::Read("FileName"), FileParameter::Write("BackupFileName")];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let (topology, target) = match (&args.file_name, &args.document) {
            (Some(file), _) => {
                (topology::of_file(file, cx.read_file("FileName", topology::LARGEST_FILE))?, file.as_str())
            }
            (None, Some(text)) => (Topology::parse(text)?, "Document"),
            (None, None) => return Err(nothing_to_publish(args.finalize_uninstall).into()),
        };
        topology.check_publishable()?;
        let deployment = cx.deployment()?;
        let store = deployment.store();
        let before = store.get(&topology::document_id())?;
        let text = before.as_ref().and_then(|d| d.body.as_ref()).and_then(|b| b.get("Xml")).and_then(|x| x.as_str());
        // Before the question and for -WhatIf too: it is what one would want to know first.
        if let Some(Ok(published)) = text.map(Topology::parse) {
            left_behind::warn(cx, &published, &topology)?;
        }
        if !cx.should_process(target, Self::NAME)? {
            return Ok(());
        }
        if let (Some(file), Some(text)) = (&args.backup_file_name, text) {
            cx.write_file("BackupFileName", text.as_bytes()).map_err(|error| {
                let message =
                    format!("The topology as it was cannot be written to '{file}': {error}. Nothing is published.");
                ErrorRecord::new("BackupNotWritten", Category::WriteError, message)
            })?;
        }
        for warning in topology.warnings() {
            cx.warning(warning.as_str());
        }
        if text == Some(&**topology.text()) {
            cx.verbose("The topology is the same as before: nothing changes.");
            return Ok(());
        }
        self.warn_of_the_store(cx, &topology)?;
        let expected = before.map_or(Expected::Absent, |document| Expected::Version(document.version));
        let version = store.commit(&grant, &[topology::change(&topology, expected)])?;
        cx.verbose(format!(
            "{} sites, {} pools and {} services are published; the store is at version {version}.",
            topology.sites().len(),
            topology.pools().len(),
            topology.services().len()
        ));
        Ok(())
    }
}

impl PublishTopology {
    /// A document moves no data: where it names another place for the active store, somebody should know.
    fn warn_of_the_store(&self, cx: &mut Context, topology: &Topology) -> Result<(), Halt> {
        let computer = cx.deployment()?.computer().to_string();
        if topology.computer(&computer).is_err() {
            cx.warning(format!("{computer}, which holds the active store, is not in the published topology."));
        } else if topology.active_store().is_some_and(|place| place.sql.computer != computer) {
            cx.warning(format!(
                "{computer} holds the active store, but the published topology names another place for it."
            ));
        }
        Ok(())
    }
}

fn nothing_to_publish(finalize: bool) -> ErrorRecord {
    let what = if finalize {
        "-FinalizeUninstall: there is nothing to uninstall here."
    } else {
        "There is no document to publish."
    };
    ErrorRecord::new("NothingToPublish", Category::InvalidArgument, what)
        .hint("Name a file: Publish-CsTopology -FileName topology.xml.")
}
