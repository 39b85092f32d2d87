//! What both cmdlets of the web share: their parameters, the request that these make, and what becomes of its answer.

use super::address::{Address, form_part};
use super::client::{Answer, Ask, How, send};
use super::cookies::{self, Jar};
use super::form;
use crate::cmdlet::exception::DETAILS;
use crate::cmdlet::spec::ParameterType;
use crate::cmdlet::{Bound, Context};
use crate::cmdlets::file::paths;
use crate::cmdlets::format::file::{Options, Target};
use crate::cmdlets::object::signature::{Signature, choice, int};
use crate::cmdlets::object::{number, string};
use crate::env::file;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, RecordType, Str, TextForm, Value, enumerate, exceptions, secret, statics, text};
use bytes::Bytes;
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT, WWW_AUTHENTICATE};
use std::time::Duration;

/// How long an answer may take to begin, and to go on, where nobody says: .NET's own bound. `-TimeoutSec 0` is none.
const PATIENCE: Duration = Duration::from_secs(100);

/// The methods that have names of their own.
const METHODS: [&str; 10] = ["Default", "Get", "Head", "Post", "Put", "Delete", "Trace", "Options", "Merge", "Patch"];

/// What both have.
pub(super) fn signature(name: &str) -> Signature {
    let (plain, other) = ("StandardMethod", "CustomMethod");
    Signature::new(name)
        .sets(&[plain, other])
        .parameter("Uri", ParameterType::Uri)
        .mandatory()
        .at(0)
        .not_empty()
        .parameter("Method", choice("WebRequestMethod", &METHODS))
        .only(&[plain])
        .parameter("CustomMethod", ParameterType::String)
        .aliases(&["CM"])
        .mandatory()
        .not_empty()
        .only(&[other])
        .parameter("Headers", ParameterType::Hashtable)
        .doc("IDictionary")
        .parameter("Body", ParameterType::Object)
        .by_value()
        .parameter("Form", ParameterType::Hashtable)
        .doc("IDictionary")
        .parameter("ContentType", ParameterType::String)
        .parameter("InFile", ParameterType::String)
        .parameter("OutFile", ParameterType::String)
        .switch("PassThru")
        .parameter("UserAgent", ParameterType::String)
        .parameter("TimeoutSec", int())
        .aliases(&["ConnectionTimeoutSeconds"])
        .range(0.0, i32::MAX.into())
        .parameter("OperationTimeoutSeconds", int())
        .range(0.0, i32::MAX.into())
        .parameter("MaximumRedirection", int())
        .range(0.0, i32::MAX.into())
        .parameter("MaximumRetryCount", int())
        .range(0.0, i32::MAX.into())
        .parameter("RetryIntervalSec", int())
        .range(1.0, i32::MAX.into())
        .parameter("WebSession", ParameterType::Object)
        .doc("WebRequestSession")
        .parameter("SessionVariable", ParameterType::String)
        .aliases(&["SV"])
        .parameter("Authentication", choice("WebAuthenticationType", &["None", "Basic", "Bearer", "OAuth"]))
        .parameter("Credential", ParameterType::Credential)
        .parameter("Token", ParameterType::SecureString)
        .switch("AllowUnencryptedAuthentication")
        .switch("AllowInsecureRedirect")
        .switch("PreserveAuthorizationOnRedirect")
        .switch("SkipCertificateCheck")
        .switch("SkipHttpErrorCheck")
        .switch("SkipHeaderValidation")
        .switch("DisableKeepAlive")
        .switch("NoProxy")
        .switch("UseBasicParsing")
}

/// Asks what the parameters say, and tries again as they say.
pub(super) fn ask(bound: &Bound, cx: &mut Context) -> Result<Answer, Halt> {
    let (session, jar) = match bound.get("WebSession").filter(|session| !session.is_null()) {
        Some(given) => cookies::of(given)?,
        None => (cookies::session(&Jar::default()), Jar::default()),
    };
    let result = again_and_again(&session, &jar, bound, cx);
    // What was set before something went wrong is set all the same.
    cookies::keep(&session, &jar);
    if let Some(name) = string(bound, "SessionVariable") {
        if let Some(Value::Map(given)) = bound.get("Headers") {
            session.put("Headers", Value::Map(given.copy()));
        }
        session.put("UserAgent", bound.get("UserAgent").cloned().unwrap_or_default());
        cx.blocks.set_variable(&name, Value::Record(session));
    }
    result
}

fn again_and_again(session: &Record, jar: &Jar, bound: &Bound, cx: &mut Context) -> Result<Answer, Halt> {
    let (ask, how) = (request(session, bound)?, how(bound));
    let tries = number(bound, "MaximumRetryCount").unwrap_or(0);
    let pause = number(bound, "RetryIntervalSec").and_then(|n| u64::try_from(n).ok()).unwrap_or(5);
    let mut tried = 0;
    loop {
        let answer = once(&ask, how, jar, bound, cx)?;
        let code = answer.status.as_u16();
        if tried >= tries || !(code == 304 || (400..600).contains(&code)) {
            return checked(answer, bound);
        }
        tried += 1;
        cx.verbose(format!("The answer was {code}; try {tried} of {tries} begins in {pause} seconds."));
        cx.session.sleep(Duration::from_secs(pause))?;
    }
}

/// Asks once; a second time with name and password, where the answer asks for these.
fn once(ask: &Ask, how: How, jar: &Jar, bound: &Bound, cx: &mut Context) -> Result<Answer, Halt> {
    let answer = into_file(ask, how, jar, bound, cx)?;
    let wants = answer
        .headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .any(|challenge| challenge.as_bytes().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic")));
    if answer.status.as_u16() == 401
        && wants
        && !ask.headers.contains_key(AUTHORIZATION)
        && let Some((user, password)) = bound.get("Credential").and_then(secret::parts)
    {
        let mut again = ask.clone();
        again.headers.insert(AUTHORIZATION, basic(&answer.address, &user, &password, bound)?);
        return into_file(&again, how, jar, bound, cx);
    }
    Ok(answer)
}

fn into_file(ask: &Ask, how: How, jar: &Jar, bound: &Bound, cx: &mut Context) -> Result<Answer, Halt> {
    let Some(path) = string(bound, "OutFile") else { return send(cx.session, ask.clone(), how, jar, None) };
    let place = paths::native(&path)?;
    // Into a folder it goes under the name that it has there.
    let place = if place.is_dir() { place.join(ask.address.file_name()) } else { place };
    let mut target = Target::open(&place.display().to_string(), &Options::default())?;
    let answer = send(cx.session, ask.clone(), how, jar, Some(&mut |piece| target.bytes(piece)))?;
    if answer.status.is_success() {
        target.finish()?;
    }
    Ok(answer)
}

/// An answer that says that something went wrong is an error.
fn checked(answer: Answer, bound: &Bound) -> Result<Answer, Halt> {
    if answer.status.is_success() || bound.switch("SkipHttpErrorCheck") {
        return Ok(answer);
    }
    let code = answer.status.as_u16();
    let message = format!("Response status code does not indicate success: {code} ({}).", answer.reason);
    let exception = exceptions::new("Microsoft.PowerShell.Commands.HttpResponseException", &message, Value::Null);
    let kind = RecordType::new("System.Net.Http.HttpResponseMessage", TextForm::TypeName);
    let response: [(&str, Value); 4] = [
        ("StatusCode", status(&answer)),
        ("ReasonPhrase", answer.reason.as_str().into()),
        ("IsSuccessStatusCode", false.into()),
        ("Headers", super::answer::headers(&answer.headers)),
    ];
    exception.put("StatusCode", status(&answer));
    exception.put("Response", Value::Record(Record::new(kind, response)));
    exception.put(DETAILS, super::answer::content(&answer).into());
    let error = ErrorRecord::new("WebCmdletWebResponseException", Category::InvalidOperation, message);
    let error = error.exception(exception).target(answer.address.authority.as_str());
    Err(error.hint("-SkipHttpErrorCheck gives the answer all the same.").into())
}

/// A status as .NET's enumeration has it.
fn status(answer: &Answer) -> Value {
    let known = answer.status.canonical_reason().unwrap_or_default();
    let name: String = known.chars().filter(char::is_ascii_alphanumeric).collect();
    let code = i64::from(answer.status.as_u16());
    let name = if name.is_empty() { code.to_string() } else { name };
    let kind = RecordType::new("System.Net.HttpStatusCode", TextForm::Scalar("Name"));
    Value::Record(Record::new(kind, [("Name", Value::from(name)), ("value__", code.into())]))
}

fn how(bound: &Bound) -> How {
    let time = |name: &str| match number(bound, name).map(u64::try_from) {
        Some(Ok(0)) => None,
        Some(Ok(seconds)) => Some(Duration::from_secs(seconds)),
        _ => Some(PATIENCE),
    };
    How {
        begins_within: time("TimeoutSec"),
        goes_on_within: time("OperationTimeoutSeconds"),
        // PowerShell's own bound.
        redirections: number(bound, "MaximumRedirection").and_then(|n| usize::try_from(n).ok()).unwrap_or(5),
        insecure_redirect: bound.switch("AllowInsecureRedirect"),
        keep_authorization: bound.switch("PreserveAuthorizationOnRedirect"),
        unchecked: bound.switch("SkipCertificateCheck"),
    }
}

fn request(session: &Record, bound: &Bound) -> Result<Ask, ErrorRecord> {
    let mut address = Address::read(&string(bound, "Uri").unwrap_or_default())?;
    let method = string(bound, "Method").filter(|name| !name.eq_ignore_ascii_case("Default"));
    let method = method.or_else(|| string(bound, "CustomMethod"));
    let name = method.map_or_else(|| "GET".to_string(), |name| name.to_uppercase());
    let method = Method::from_bytes(name.as_bytes()).map_err(|_| bad(&format!("\"{name}\" is no method")))?;
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("reeve/", env!("CARGO_PKG_VERSION"))));
    // Those of the session first, so that those of the command count.
    for given in [session.get("Headers"), bound.get("Headers").cloned()] {
        let Some(Value::Map(given)) = given else { continue };
        for (name, value) in given.named() {
            let key: HeaderName = name.parse().map_err(|_| bad(&format!("\"{name}\" is no name of a header")))?;
            let value = enumerate(value).iter().map(text::to_text).collect::<Vec<_>>().join(", ");
            headers.insert(key, header(&value)?);
        }
    }
    let agent = session.get("UserAgent").filter(|agent| !agent.is_null()).map(|agent| text::to_text(&agent));
    if let Some(agent) = string(bound, "UserAgent").or(agent) {
        headers.insert(USER_AGENT, header(&agent)?);
    }
    authorize(&address, bound, &mut headers)?;
    let mut content_type = None;
    let of_form = match bound.get("Form") {
        Some(Value::Map(form)) => Some(form::body(form)?),
        _ => None,
    };
    if let Some((body, named)) = of_form {
        headers.insert(CONTENT_TYPE, header(&named)?);
        return Ok(Ask { method, address, headers, body: Bytes::from(body) });
    }
    let body = match (string(bound, "InFile"), bound.get("Body")) {
        (Some(path), _) => {
            let place = paths::native(&path)?;
            let bytes = file::read(&place, file::LARGEST);
            Bytes::from(bytes.map_err(|problem| paths::failed("WebCmdletInFileException", &place, &problem))?)
        }
        (None, Some(Value::Map(fields))) => {
            let pair =
                |(name, value): (Str, Value)| format!("{}={}", form_part(&name), form_part(&text::to_text(&value)));
            let form = fields.named().into_iter().map(pair).collect::<Vec<_>>().join("&");
            if method == Method::GET {
                address = address.with_query(&form);
                Bytes::new()
            } else {
                content_type = Some("application/x-www-form-urlencoded");
                Bytes::from(form)
            }
        }
        (None, Some(body)) if !body.is_null() => {
            content_type = (method == Method::POST).then_some("application/x-www-form-urlencoded");
            bytes_of(body)
        }
        _ => Bytes::new(),
    };
    if let Some(named) = string(bound, "ContentType") {
        headers.insert(CONTENT_TYPE, header(&named)?);
    } else if let Some(usual) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(usual));
    }
    Ok(Ask { method, address, headers, body })
}

/// What a body is sent as: bytes as they are, a document as its text, all else as text in UTF-8.
fn bytes_of(body: &Value) -> Bytes {
    if let Value::List(items) = body {
        let byte = |item: &Value| match item {
            Value::Int(n) => u8::try_from(*n).ok(),
            _ => None,
        };
        if let Some(bytes) = items.iter().map(byte).collect::<Option<Vec<u8>>>() {
            return Bytes::from(bytes);
        }
    }
    if let Value::Record(record) = body
        && let Some(Value::Str(document)) = record.get("OuterXml")
    {
        return Bytes::from(document.as_bytes().to_vec());
    }
    Bytes::from(text::to_text(body).as_bytes().to_vec())
}

fn authorize(address: &Address, bound: &Bound, headers: &mut HeaderMap) -> Result<(), ErrorRecord> {
    let kind = string(bound, "Authentication").unwrap_or_else(|| "None".into());
    let missing = |what: &str, id: &'static str| {
        let message = format!("-Authentication {kind} needs -{what}.");
        ErrorRecord::new(id, Category::InvalidOperation, message)
    };
    match &*kind {
        "Basic" => {
            let found = bound.get("Credential").and_then(secret::parts);
            let (user, password) =
                found.ok_or_else(|| missing("Credential", "WebCmdletAuthenticationCredentialNotSuppliedException"))?;
            headers.insert(AUTHORIZATION, basic(address, &user, &password, bound)?);
        }
        "Bearer" | "OAuth" => {
            let token = bound.get("Token").and_then(secret::reveal);
            let token = token.ok_or_else(|| missing("Token", "WebCmdletAuthenticationTokenNotSuppliedException"))?;
            encrypted(address, bound)?;
            headers.insert(AUTHORIZATION, secret_header(&format!("Bearer {token}"))?);
        }
        _ => {}
    }
    Ok(())
}

fn basic(address: &Address, user: &str, password: &str, bound: &Bound) -> Result<HeaderValue, ErrorRecord> {
    encrypted(address, bound)?;
    secret_header(&format!("Basic {}", statics::to_base64(format!("{user}:{password}").as_bytes())))
}

/// A secret goes over an encrypted connection, unless somebody insists.
fn encrypted(address: &Address, bound: &Bound) -> Result<(), ErrorRecord> {
    if address.secure || bound.switch("AllowUnencryptedAuthentication") {
        return Ok(());
    }
    let message = format!("{} is asked over http, where anybody could read the secret.", address.authority);
    let id = "WebCmdletAllowUnencryptedAuthenticationRequiredException";
    Err(ErrorRecord::new(id, Category::InvalidOperation, message)
        .hint("Ask over https; -AllowUnencryptedAuthentication sends it nevertheless."))
}

fn secret_header(text: &str) -> Result<HeaderValue, ErrorRecord> {
    let mut value = HeaderValue::from_str(text).map_err(|_| bad("a secret has characters that no header takes"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn header(text: &str) -> Result<HeaderValue, ErrorRecord> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| bad(&format!("\"{text}\" is no value of a header")))
}

fn bad(what: &str) -> ErrorRecord {
    ErrorRecord::new("System.FormatException", Category::InvalidArgument, format!("{what}."))
}
