//! Set-CsUser: changes a user's account.

use super::{Users, go_on, not_enabled, sip_domains};
use crate::access::Place;
use crate::cmdlet::{Access, Bound, Cmdlet, Context, Example, ScopeKind};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{ACCOUNT, Directory, User, sip};
use crate::value::{Value, near, same_name, text::to_text};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct SetUser {
    users: Users,
}

/// Its parameters; those that `$null` empties are taken as bound.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    enabled: Option<bool>,
    enterprise_voice_enabled: Option<bool>,
    audio_video_disabled: Option<bool>,
    remote_call_control_telephony_enabled: Option<bool>,
    hosted_voice_mail: Option<bool>,
    exchange_archiving_policy: Option<String>,
    sip_address: Option<String>,
    #[serde(default)]
    pass_thru: bool,
}

const ARCHIVING: [&str; 4] = ["Uninitialized", "UseLyncArchivingPolicy", "NoArchiving", "ArchivingToExchange"];

impl Cmdlet for SetUser {
    const NAME: &'static str = "Set-CsUser";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const FROM_BOUND: &'static [&'static str] = &["LineURI", "PrivateLine", "LineServerURI"];
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Enterprise Voice for a user",
            run: "Set-CsUser -Identity \"Pilar Ackerman\" -EnterpriseVoiceEnabled $True",
        },
        Example {
            what: "A line of her own",
            run: "Set-CsUser -Identity \"Pilar Ackerman\" -LineUri \"tel:+123456789\"",
        },
        Example {
            what: "See for whom of a department it would be done",
            run: "Get-CsUser -LdapFilter \"Department=Finance\" | Set-CsUser -EnterpriseVoiceEnabled $True -WhatIf",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.change(&args, cx);
        go_on(result, cx)
    }
}

impl SetUser {
    fn change(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let (before, version) = self.users.read(&args.identity, cx)?;
        let grant = cx.authorize(&Place::User(before.ou().to_string()))?;
        if !before.has_account() {
            return Err(not_enabled(&before).into());
        }
        let mut user = before.clone();
        if let Some(address) = &args.sip_address {
            user.sip_address = sip::check(address, &sip_domains(cx)?)?;
            sip::check_free(self.users.directory(cx)?, &user, &user.sip_address)?;
        }
        lines(&mut user, cx.bound, self.users.directory(cx)?)?;
        switches(&mut user, args)?;
        if cx.should_process(&user.dn, Self::NAME)? && user != before {
            self.users.commit(&grant, &mut user, version, cx)?;
        }
        if args.pass_thru {
            cx.output(ACCOUNT.record(&user))?;
        }
        Ok(())
    }
}

/// Lines: `$null` and "" take them away.
fn lines(user: &mut User, bound: &Bound, directory: &Directory) -> Result<(), ErrorRecord> {
    let text = |value: &Value| to_text(value).trim().to_string();
    if let Some(value) = bound.get("LineURI") {
        let line = text(value);
        user.line_uri = if line.is_empty() { line } else { sip::check_line(directory, user, &line)? };
    }
    if let Some(value) = bound.get("PrivateLine") {
        let line = text(value);
        user.private_line = if line.is_empty() { line } else { sip::check_line(directory, user, &line)? };
    }
    if let Some(value) = bound.get("LineServerURI") {
        user.line_server_uri = text(value);
    }
    Ok(())
}

fn switches(user: &mut User, args: &Args) -> Result<(), ErrorRecord> {
    let set = |target: &mut bool, value: Option<bool>| *target = value.unwrap_or(*target);
    set(&mut user.enterprise_voice_enabled, args.enterprise_voice_enabled);
    set(&mut user.audio_video_disabled, args.audio_video_disabled);
    set(&mut user.remote_call_control_telephony_enabled, args.remote_call_control_telephony_enabled);
    user.enabled = args.enabled.or(user.enabled);
    user.hosted_voice_mail = args.hosted_voice_mail.or(user.hosted_voice_mail);
    if let Some(given) = &args.exchange_archiving_policy {
        let found = ARCHIVING.iter().find(|value| same_name(value, given)).ok_or_else(|| {
            let message =
                format!("'{given}' is not a value of ExchangeArchivingPolicy. Its values: {}.", ARCHIVING.join(", "));
            let error = ErrorRecord::new("PropertyValueNotAllowed", Category::InvalidArgument, message);
            match near::nearest(given, ARCHIVING) {
                Some(near) => error.hint(format!("Did you mean '{near}'?")),
                None => error,
            }
        })?;
        user.exchange_archiving_policy = (*found).to_string();
    }
    if user.enterprise_voice_enabled && (user.audio_video_disabled || user.remote_call_control_telephony_enabled) {
        let other = if user.audio_video_disabled { "AudioVideoDisabled" } else { "RemoteCallControlTelephonyEnabled" };
        let message =
            format!("The user '{}' cannot have EnterpriseVoiceEnabled and {other} at once.", user.display_name);
        return Err(ErrorRecord::new("SettingsConflict", Category::InvalidArgument, message).target(user.dn.as_str()));
    }
    Ok(())
}
