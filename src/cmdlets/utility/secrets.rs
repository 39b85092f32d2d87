//! ConvertTo-SecureString, ConvertFrom-SecureString, Get-Credential: secrets that print nowhere.

use crate::cmdlet::host::nobody;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Value, secret};

/// ConvertTo-SecureString.
#[derive(Default)]
pub struct ConvertToSecureString;

impl ObjectCmdlet for ConvertToSecureString {
    const NAME: &'static str = "ConvertTo-SecureString";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A secret from an environment variable",
        run: "ConvertTo-SecureString \"$env:HOME\" -AsPlainText -Force",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Secure", "PlainText"])
            .parameter("String", ParameterType::String)
            .mandatory()
            .at(0)
            .by_value()
            .switch("AsPlainText")
            .at(1)
            .only(&["PlainText"])
            .switch("Force")
            .at(2)
            .only(&["PlainText"])
            .build()
    }
}

impl Run for ConvertToSecureString {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if !bound.switch("AsPlainText") {
            let message = "Texts that were encrypted with a key of Windows cannot be read here.";
            let id = "ImportSecureString_InvalidArgument";
            let error = ErrorRecord::new(id, Category::InvalidArgument, message);
            return cx
                .error(error.hint("-AsPlainText takes the secret itself; Read-Host -AsSecureString asks for it."));
        }
        cx.output(secret::new(&string(bound, "String").unwrap_or_default()))
    }
}

/// ConvertFrom-SecureString.
#[derive(Default)]
pub struct ConvertFromSecureString;

impl ObjectCmdlet for ConvertFromSecureString {
    const NAME: &'static str = "ConvertFrom-SecureString";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "The secret in the open, for a program that takes nothing else",
        run: "ConvertTo-SecureString abc -AsPlainText | ConvertFrom-SecureString -AsPlainText",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Secure", "AsPlainText"])
            .parameter("SecureString", ParameterType::SecureString)
            .mandatory()
            .at(0)
            .by_value()
            .switch("AsPlainText")
            .only(&["AsPlainText"])
            .build()
    }
}

impl Run for ConvertFromSecureString {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(text) = bound.get("SecureString").and_then(secret::reveal) else {
            let message = "-SecureString takes what Read-Host -AsSecureString or ConvertTo-SecureString gives.";
            return Err(ErrorRecord::new("CannotConvertArgumentNoMessage", Category::InvalidArgument, message).into());
        };
        if !bound.switch("AsPlainText") {
            let message = "There is no key here with which a secret could be encrypted.";
            let id = "ImportSecureString_InvalidArgument";
            return cx.error(
                ErrorRecord::new(id, Category::NotImplemented, message).hint("-AsPlainText gives it in the open."),
            );
        }
        cx.output(text)
    }
}

/// Get-Credential.
#[derive(Default)]
pub struct GetCredential;

impl ObjectCmdlet for GetCredential {
    const NAME: &'static str = "Get-Credential";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Asks for the password of a user", run: "$who = Get-Credential litwareinc\\kenmyer" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["CredentialSet", "MessageSet"])
            .parameter("Credential", ParameterType::Object)
            .doc("pscredential")
            .at(0)
            .only(&["CredentialSet"])
            .parameter("Message", ParameterType::String)
            .not_empty()
            .only(&["MessageSet"])
            .parameter("Title", ParameterType::String)
            .only(&["MessageSet"])
            .parameter("UserName", ParameterType::String)
            .at(0)
            .not_empty()
            .only(&["MessageSet"])
            .build()
    }
}

impl Run for GetCredential {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(given) = bound.get("Credential").filter(|given| secret::parts(given).is_some()) {
            return cx.output(given.clone());
        }
        let host = &cx.session.host;
        let ask = |prompt: &str, hidden: bool| {
            let line = if host.can_ask() { host.read_line(prompt, hidden) } else { None };
            line.ok_or_else(|| {
                nobody("InvalidOperation", "a name and a password")
                    .hint("[pscredential]::new(NAME, SECRET) makes a credential without a question.")
            })
        };
        let user = match string(bound, "UserName").or_else(|| string(bound, "Credential")) {
            Some(user) => user.to_string(),
            None => ask("User: ", false)?,
        };
        let password = ask(&format!("Password for user {user}: "), true)?;
        cx.output(Value::Record(secret::credential(&user, secret::new(&password))))
    }
}
