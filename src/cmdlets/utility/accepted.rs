//! Cmdlets that scripts begin and end with, and that have nothing to do here: they are accepted, and say with -Verbose
//! why nothing happens.

use crate::cmdlet::entry::object_entry;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, CmdletEntry, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::error::Halt;
use std::marker::PhantomData;

/// What is said of one.
pub(super) trait Idle: 'static {
    /// `Verb-Noun`.
    const NAME: &'static str;
    /// Its aliases.
    const ALIASES: &'static [&'static str] = &[];
    /// How scripts write it.
    const EXAMPLES: &'static [Example];
    /// Why it does nothing.
    const WHY: &'static str;
    /// Its parameters.
    fn parameters(signature: Signature) -> Signature;
}

/// A cmdlet that does nothing.
pub(super) struct Accepted<T>(PhantomData<T>);

impl<T> Default for Accepted<T> {
    fn default() -> Accepted<T> {
        Accepted(PhantomData)
    }
}

impl<T: Idle> ObjectCmdlet for Accepted<T> {
    const NAME: &'static str = T::NAME;
    const ALIASES: &'static [&'static str] = T::ALIASES;
    const EXAMPLES: &'static [Example] = T::EXAMPLES;

    fn spec() -> CmdletSpec {
        T::parameters(Signature::new(T::NAME)).build()
    }
}

impl<T: Idle> Run for Accepted<T> {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.verbose(T::WHY);
        Ok(())
    }
}

/// All of them.
pub(super) fn all() -> Vec<CmdletEntry> {
    vec![
        object_entry::<Accepted<RemoveModule>>(),
        object_entry::<Accepted<SetStrictMode>>(),
        object_entry::<Accepted<SetExecutionPolicy>>(),
        object_entry::<Accepted<AddPsSnapin>>(),
    ]
}

/// -Name, which must be given.
fn named(signature: Signature) -> Signature {
    signature.parameter("Name", many(ParameterType::String)).mandatory().at(0).by_value().by_property()
}

struct RemoveModule;

impl Idle for RemoveModule {
    const NAME: &'static str = "Remove-Module";
    const ALIASES: &'static [&'static str] = &["rmo"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "As published scripts end", run: "Remove-Module Lync -Verbose" }];
    const WHY: &'static str = "Nothing is removed: the cmdlets belong to the program.";

    fn parameters(signature: Signature) -> Signature {
        named(signature).switch("Force")
    }
}

struct SetStrictMode;

impl Idle for SetStrictMode {
    const NAME: &'static str = "Set-StrictMode";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "As published scripts begin", run: "Set-StrictMode -Version Latest -Verbose" }];
    const WHY: &'static str = "Nothing is set: 'reeve check' names variables and properties that are not there.";

    fn parameters(signature: Signature) -> Signature {
        let signature = signature.sets(&["Version", "Off"]).parameter("Version", ParameterType::String);
        signature.aliases(&["v"]).mandatory().only(&["Version"]).switch("Off").mandatory().only(&["Off"])
    }
}

struct SetExecutionPolicy;

impl Idle for SetExecutionPolicy {
    const NAME: &'static str = "Set-ExecutionPolicy";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "As published scripts begin",
        run: "Set-ExecutionPolicy RemoteSigned -Scope Process -Force -Verbose",
    }];
    const WHY: &'static str =
        "Nothing is set: whether a script may run is the file's and the user's rights, no policy.";

    fn parameters(signature: Signature) -> Signature {
        let policies = ["Unrestricted", "RemoteSigned", "AllSigned", "Restricted", "Default", "Bypass", "Undefined"];
        let scopes = ["Process", "CurrentUser", "LocalMachine", "UserPolicy", "MachinePolicy"];
        let signature = signature.parameter("ExecutionPolicy", choice("ExecutionPolicy", &policies));
        let signature = signature.mandatory().at(0).by_property();
        let signature = signature.parameter("Scope", choice("ExecutionPolicyScope", &scopes)).at(1).by_property();
        signature.switch("Force").should_process()
    }
}

struct AddPsSnapin;

impl Idle for AddPsSnapin {
    const NAME: &'static str = "Add-PSSnapin";
    const ALIASES: &'static [&'static str] = &["asnp"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "As scripts of older products begin",
        run: "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn -ErrorAction SilentlyContinue",
    }];
    const WHY: &'static str = "Nothing is added: every cmdlet is there from the start.";

    fn parameters(signature: Signature) -> Signature {
        named(signature).switch("PassThru")
    }
}
