//! Test-Connection: whether a computer takes connections at a port.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{number, texts};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, RecordType, TextForm, Value};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// Test-Connection.
#[derive(Default)]
pub struct TestConnection;

impl ObjectCmdlet for TestConnection {
    const NAME: &'static str = "Test-Connection";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Whether a port answers", run: "Test-Connection localhost -TcpPort 9 -TimeoutSeconds 1" },
        Example {
            what: "With what happened",
            run: "Test-Connection -TargetName localhost -TcpPort 9 -Detailed -TimeoutSeconds 1 | Select-Object Target, Connected",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("TargetName", many(ParameterType::String))
            .aliases(&["ComputerName"])
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .not_empty()
            .parameter("TcpPort", int())
            .range(0.0, 65535.0)
            .parameter("TimeoutSeconds", int())
            .range(1.0, 3600.0)
            .parameter("Count", int())
            .aliases(&["Ping"])
            .range(1.0, i32::MAX.into())
            .switch("Detailed")
            .switch("Quiet")
            .switch("IPv4")
            .switch("IPv6")
            .build()
    }
}

/// Most addresses of a name that are tried one after the other.
const ADDRESSES: usize = 8;

/// One attempt at a port: the address, how long it took, and what came of it.
fn attempt(target: &str, port: u16, bound: &Bound) -> (String, Duration, &'static str) {
    let seconds = number(bound, "TimeoutSeconds").and_then(|n| u64::try_from(n).ok()).unwrap_or(5);
    let begun = Instant::now();
    let wanted = |address: &SocketAddr| {
        (!bound.switch("IPv4") || address.is_ipv4()) && (!bound.switch("IPv6") || address.is_ipv6())
    };
    let Ok(addresses) = (target, port).to_socket_addrs() else {
        return (String::new(), begun.elapsed(), "HostNotFound");
    };
    let mut last = (String::new(), begun.elapsed(), "HostNotFound");
    for address in addresses.filter(wanted).take(ADDRESSES) {
        let made = TcpStream::connect_timeout(&address, Duration::from_secs(seconds));
        let status = match &made {
            Ok(_) => "Success",
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => "ConnectionRefused",
            Err(error) if error.kind() == ErrorKind::TimedOut => "TimedOut",
            Err(_) => "HostUnreachable",
        };
        last = (address.ip().to_string(), begun.elapsed(), status);
        if made.is_ok() {
            break;
        }
    }
    last
}

impl Run for TestConnection {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(port) = number(bound, "TcpPort").and_then(|port| u16::try_from(port).ok()) else {
            let message = "Pings (ICMP) are not sent: that needs a right that this program does not have.";
            let error = ErrorRecord::new("PingNotSupported", Category::NotImplemented, message);
            return Err(error.hint("Try a port: Test-Connection NAME -TcpPort 443.").into());
        };
        let source = rustix::system::uname().nodename().to_string_lossy().into_owned();
        for target in texts(bound.get("TargetName")) {
            let attempts = number(bound, "Count").unwrap_or(1);
            for id in 1..=attempts {
                cx.session.check_interrupt()?;
                let (address, time, status) = attempt(&target, port, bound);
                let connected = status == "Success";
                if !bound.switch("Detailed") {
                    cx.output(connected)?;
                    break;
                }
                let fields: [(&str, Value); 8] = [
                    ("Id", Value::Int(id)),
                    ("Source", source.clone().into()),
                    ("Target", Value::Str(target.clone())),
                    ("TargetAddress", address.into()),
                    ("Port", Value::Int(port.into())),
                    ("Latency", Value::Int(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))),
                    ("Connected", connected.into()),
                    ("Status", status.into()),
                ];
                let kind = "Microsoft.PowerShell.Commands.TestConnectionCommand+TcpPortStatus";
                cx.output(Record::new(RecordType::new(kind, TextForm::TypeName), fields))?;
            }
        }
        Ok(())
    }
}
