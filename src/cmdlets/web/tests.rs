//! Against a server of the test's own, on this computer.

use crate::cmdlets::harness::{command, feed, pipe_in, run, strs, table};
use crate::value::{Value, member, secret, text::to_text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server that lives as long as the test: it answers each request by its path, and says what it was asked.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let tries = Arc::new(AtomicU32::new(0));
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let tries = tries.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let plain = |stream: &mut dyn Read, count: usize| {
                    let mut bytes = vec![0; count];
                    stream.read_exact(&mut bytes).unwrap();
                    bytes
                };
                answer(stream, &mut reader, &tries, &plain);
            });
        }
    });
    at
}

fn answer(
    mut stream: TcpStream,
    reader: &mut BufReader<TcpStream>,
    tries: &AtomicU32,
    read: &dyn Fn(&mut dyn Read, usize) -> Vec<u8>,
) {
    let (mut first, mut headers, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(count) = line.to_lowercase().strip_prefix("content-length:") {
            length = count.trim().parse().unwrap();
        }
        headers.push_str(&line);
    }
    let body = String::from_utf8(read(reader, length)).unwrap();
    let mut words = first.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_string(), words.next().unwrap_or_default().to_string());
    let path = target.split('?').next().unwrap_or_default();
    let header = |name: &str| {
        let found = headers.lines().find_map(|line| line.to_lowercase().strip_prefix(name).map(|_| line.to_string()));
        found.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_string())).unwrap_or_default()
    };
    let echo = serde_json::json!({
        "method": method, "target": target, "body": body, "type": header("content-type"),
        "agent": header("user-agent"), "x": header("x-test"), "authorization": header("authorization"),
    })
    .to_string();
    let (status, extra, content) = match path {
        "/json" => ("200 OK", "Content-Type: application/json; charset=utf-8", "[{\"a\":1},{\"a\":\"ä\"}]".to_string()),
        "/xml" => ("200 OK", "Content-Type: text/xml", "<pools><pool name='dub'/></pools>".into()),
        "/html" => (
            "200 Fine",
            "Content-Type: text/html\r\nLink: <http://h/2>; rel=\"next\"",
            "<a class='k' href=\"/x\">to x</a><img src=i.png><input name=q>".into(),
        ),
        "/bytes" => ("200 OK", "Content-Type: application/octet-stream", "\u{1}\u{2}".into()),
        "/missing" => ("404 Not Found", "Content-Type: text/plain\r\nX-Why: gone", "no such pool".into()),
        "/secret" if header("authorization").is_empty() => {
            ("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"", String::new())
        }
        "/moved" => ("302 Found", "Location: echo?moved=1", String::new()),
        "/kept" => ("307 Temporary Redirect", "Location: /echo", String::new()),
        "/round" => ("302 Found", "Location: /round", String::new()),
        "/shaky" if tries.fetch_add(1, Ordering::Relaxed) == 0 => ("503 Busy", "X: y", String::new()),
        "/in" => ("302 Found", "Set-Cookie: who=ken; Path=/\r\nLocation: /cookie", String::new()),
        "/cookie" => ("200 OK", "X: y", header("cookie")),
        "/silent" => return drop(read(reader, 1)),
        _ => ("200 OK", "Content-Type: application/json", echo),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{extra}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
        content.len()
    );
}

fn part(value: &Value, path: &str) -> String {
    let at = path.split('.').try_fold(value.clone(), |at, name| member::get(&at, name));
    at.map_or_else(|| "-".into(), |value| to_text(&value).to_string())
}

/// What is asked is what the parameters say.
#[test]
fn requests() {
    let at = server();
    let ask = |path: &str| command("Invoke-RestMethod").arg(format!("http://{at}{path}"));
    let headers = || table(vec![("X-Test", "1".into())]);
    let form = || table(vec![("a", "1 2".into()), ("b", "ä&".into())]);
    let secret = |text: &str| Value::Record(secret::new(text));
    let credential = || Value::Record(secret::credential("ken", secret::new("pw")));
    for (command, expected) in [
        (ask("/echo"), [("method", "GET"), ("target", "/echo"), ("body", "")].as_slice()),
        (
            ask("/echo").with("Method", "post").with("Body", "x=1"),
            &[("method", "POST"), ("body", "x=1"), ("type", "application/x-www-form-urlencoded")],
        ),
        (
            ask("/echo").with("Method", "Put").with("Body", "{}").with("ContentType", "application/json"),
            &[("method", "PUT"), ("type", "application/json")],
        ),
        (ask("/echo?q=0").with("Body", form()), &[("target", "/echo?q=0&a=1+2&b=%C3%A4%26"), ("body", "")]),
        (ask("/echo").with("Method", "Post").with("Body", form()), &[("body", "a=1+2&b=%C3%A4%26")]),
        (ask("/echo").with("Headers", headers()).with("UserAgent", "me"), &[("x", "1"), ("agent", "me")]),
        (ask("/echo").with("CustomMethod", "purge"), &[("method", "PURGE")]),
        (
            ask("/moved").with("Method", "Post").with("Body", "x"),
            &[("method", "GET"), ("target", "/echo?moved=1"), ("body", "")],
        ),
        (ask("/kept").with("Method", "Post").with("Body", "x"), &[("method", "POST"), ("body", "x")]),
        (ask("/shaky").with("MaximumRetryCount", 1).with("RetryIntervalSec", 1), &[("method", "GET")]),
        (
            ask("/echo")
                .with("Authentication", "Bearer")
                .with("Token", secret("t"))
                .on("AllowUnencryptedAuthentication"),
            &[("authorization", "Bearer t")],
        ),
        (
            ask("/secret").with("Credential", credential()).on("AllowUnencryptedAuthentication"),
            &[("authorization", "Basic a2VuOnB3")],
        ),
    ] {
        let outcome = run(command);
        assert_eq!((outcome.stopped.as_deref(), outcome.values.len()), (None, 1), "{expected:?}");
        for (name, value) in expected {
            assert_eq!(part(&outcome.values[0], name), *value, "{expected:?}");
        }
    }
    let piped = feed(strs(&["body"]), ask("/echo").with("Method", "Post"));
    assert_eq!(part(&piped.values[0], "body"), "body");
}

/// What comes back is an object where it can be one.
#[test]
fn answers() {
    let at = server();
    let rest = |path: &str| run(command("irm").arg(format!("http://{at}{path}")).on("UseBasicParsing"));
    assert_eq!(rest("/json").json(), ["[{\"a\":1},{\"a\":\"ä\"}]"], "an array is one object");
    assert_eq!(part(&rest("/xml").values[0], "pools.pool.name"), "dub");
    assert_eq!(rest("/html").shown().len(), 1);
    let with = command("irm").arg(format!("http://{at}/json")).with("StatusCodeVariable", "code").with("RHV", "h");
    let outcome = run(with);
    assert_eq!(to_text(&outcome.variables["code"]).as_ref(), "200");
    assert_eq!(part(&outcome.variables["h"], "Content-Type"), "application/json; charset=utf-8");
    let page = run(command("iwr").arg(format!("http://{at}/html")));
    for (path, expected) in [
        ("StatusCode", "200"),
        ("StatusDescription", "Fine"),
        ("Headers.Content-Type", "text/html"),
        ("Links.href", "/x"),
        ("Links.outerHTML", "<a class='k' href=\"/x\">to x</a>"),
        ("Images.src", "i.png"),
        ("InputFields.name", "q"),
        ("RelationLink.next", "http://h/2"),
        ("RawContentLength", "60"),
    ] {
        assert_eq!(part(&page.values[0], path), expected, "{path}");
    }
    let bytes = run(command("iwr").arg(format!("http://{at}/bytes")));
    assert_eq!(part(&bytes.values[0], "Content"), "1 2");
}

/// What goes wrong has PowerShell's id, and says what the server said.
#[test]
fn failures() {
    let at = server();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ask = |path: &str| command("Invoke-WebRequest").arg(format!("http://{at}{path}"));
    let token = || Value::Record(secret::new("t"));
    for (command, id) in [
        (ask("/missing"), "WebCmdletWebResponseException"),
        (ask("/round"), "WebCmdletWebResponseException"),
        (ask("/moved").with("MaximumRedirection", 0), "WebCmdletWebResponseException"),
        (command("irm").arg(format!("http://{free}/")), "WebCmdletWebResponseException"),
        (ask("/silent").with("TimeoutSec", 1), "ConnectionTimeoutReached"),
        (command("irm").arg("ftp://localhost/"), "System.NotSupportedException"),
        (ask("/").with("Headers", table(vec![("a b", "c".into())])), "System.FormatException"),
        (
            ask("/").with("Authentication", "Bearer").with("Token", token()),
            "WebCmdletAllowUnencryptedAuthenticationRequiredException",
        ),
        (ask("/").with("Authentication", "Basic"), "WebCmdletAuthenticationCredentialNotSuppliedException"),
    ] {
        assert_eq!(run(command).stopped.as_deref(), Some(id));
    }
    let taken = run(ask("/missing").on("SkipHttpErrorCheck"));
    assert_eq!(
        (part(&taken.values[0], "StatusCode"), part(&taken.values[0], "Content")),
        ("404".into(), "no such pool".into())
    );
}

/// -OutFile takes the body, of a success alone.
#[test]
fn into_a_file() {
    let at = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer").display().to_string();
    let to = |path: &str, file: &str| {
        run(command("iwr").arg(format!("http://{at}{path}")).with("OutFile", file.to_string()))
    };
    assert!(to("/xml", &file).values.is_empty());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "<pools><pool name='dub'/></pools>");
    assert!(to("/missing", &file).stopped.is_some());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<pools>"), "what was there stays");
    to("/xml", &folder.path().display().to_string());
    assert!(folder.path().join("xml").is_file(), "in a folder it has its own name");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing half done is left");
}

/// Ctrl-C ends a request at once.
#[test]
fn an_interrupt_ends_it() {
    let at = server();
    let began = std::time::Instant::now();
    let outcome = pipe_in(
        |session| {
            let flag = session.interrupt.clone();
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(200));
                flag.store(true, Ordering::Relaxed);
            });
            session
        },
        None,
        vec![command("irm").arg(format!("http://{at}/silent"))],
    );
    assert_eq!(outcome.stopped.as_deref(), Some("Interrupted"));
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

/// A session keeps cookies and headers from one request to the next.
#[test]
fn sessions() {
    let at = server();
    let ask = |path: &str| command("irm").arg(format!("http://{at}{path}"));
    let headers = table(vec![("X-Test", "kept".into())]);
    let first = run(ask("/in").with("SessionVariable", "s").with("Headers", headers));
    assert_eq!(first.shown(), ["who=ken"], "a redirection takes the cookie along");
    let session = || first.variables["s"].clone();
    assert_eq!(part(&session(), "Cookies.Value"), "ken");
    assert_eq!(run(ask("/cookie").with("WebSession", session())).shown(), ["who=ken"]);
    assert_eq!(part(&run(ask("/echo").with("WebSession", session())).values[0], "x"), "kept");
    assert_eq!(run(ask("/cookie")).shown(), [""]);
    let wrong = run(ask("/cookie").with("WebSession", "s"));
    assert_eq!(wrong.stopped.as_deref(), Some("CannotConvertArgumentNoMessage"));
}

/// A form of several parts has texts and files.
#[test]
fn forms_of_several_parts() {
    let at = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.txt");
    std::fs::write(&file, "the plan").unwrap();
    let item = run(command("Get-Item").arg(file.display().to_string())).values[0].clone();
    let form = table(vec![("name", "a \"b\"".into()), ("file", item)]);
    let answer = run(command("irm").arg(format!("http://{at}/echo")).with("Method", "Post").with("Form", form));
    let (body, kind) = (part(&answer.values[0], "body"), part(&answer.values[0], "type"));
    assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
    for part in [
        "form-data; name=\"name\"\r\n\r\na \"b\"\r\n",
        "name=\"file\"; filename=\"plan.txt\"\r\nContent-Type: application/octet-stream\r\n\r\nthe plan\r\n",
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
}
