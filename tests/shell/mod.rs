//! The shell on a terminal, as its user sees it.

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::LocalModes;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Far above what anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Terminal {
    keys: File,
    seen: Arc<Mutex<Vec<u8>>>,
    /// What was looked at already.
    read: usize,
    child: Child,
    _home: tempfile::TempDir,
}

impl Terminal {
    fn start() -> Terminal {
        let home = tempfile::tempdir().unwrap();
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = rustix::termios::Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = rustix::fs::open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        // setsid makes the terminal the one that Ctrl-C comes from.
        let child = Command::new("setsid")
            .args(["--ctty", "--wait", env!("CARGO_BIN_EXE_reeve"), "lab", "--embedded", "--dir"])
            .arg(home.path().join("lab"))
            .env("HOME", home.path())
            .env("XDG_STATE_HOME", home.path())
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        drop(slave);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut screen, kept) = (File::from(master.try_clone().unwrap()), seen.clone());
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            // It ends with an error once the child has gone.
            while let Ok(length @ 1..) = screen.read(&mut part) {
                kept.lock().unwrap().extend_from_slice(&part[..length]);
            }
        });
        Terminal { keys: File::from(master), seen, read: 0, child, _home: home }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text is on the screen, behind what was waited for before.
    fn expect(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            let screen = String::from_utf8_lossy(&self.seen.lock().unwrap()[self.read..]).into_owned();
            if let Some(at) = screen.find(text) {
                self.read += at + text.len();
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{text:?} does not come; the screen has {screen:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Already gone where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Rule: Tab completes, a line that is open goes on, Ctrl-C stops what runs and no more, `exit N` gives N.
#[test]
fn a_session_at_the_terminal() {
    let mut terminal = Terminal::start();
    terminal.expect("atl-cs-001> ");
    terminal.press("Get-CsPoo\t | Sort-Object Id\t | Select-Object -First 1 -ExpandProperty Identity\r");
    terminal.expect("\natl-cs-001.litwareinc.com\r\n");
    terminal.expect("atl-cs-001> ");
    // The number is worked out, so that it is not what was typed.
    terminal.press("Write-Host (40 + 2); while ($true) {}\r");
    terminal.expect("\n42\r\n");
    terminal.press("\x03");
    terminal.expect("Interrupted.");
    terminal.expect("atl-cs-001> ");
    terminal.press("Write-Host (40 + 3); 1..1000000000 | Where-Object { $_ -lt 0 }\r");
    terminal.expect("\n43\r\n");
    terminal.press("\x03");
    terminal.expect("Interrupted.");
    terminal.expect("atl-cs-001> ");
    terminal.press("nonsense\x03");
    terminal.expect("atl-cs-001> ");
    // What is typed ahead, or pasted into a terminal that does not say so, is run line by line.
    terminal.press("Write-Host (40 + 4)\rWrite-Host (40 + 5)\rcls\rWrite-Host (40 + 6)\r");
    for number in 44..=46 {
        terminal.expect(&format!("\n{number}\r\n"));
        terminal.expect("atl-cs-001> ");
    }
    terminal.press("foreach ($i in 1..2) {\r");
    terminal.expect(">> ");
    terminal.press("\"<$($i * 3)>\" }\r");
    terminal.expect("\n<3>\r\n<6>\r\n");
    terminal.expect("atl-cs-001> ");
    terminal.press("Get-CsNothing\r");
    terminal.expect("CommandNotFound");
    terminal.expect("atl-cs-001> ");
    // An earlier command runs again, by how it begins; a transcript has what was typed.
    terminal.press("Start-Transcript ~/typed.txt\r");
    terminal.expect("Transcript started");
    terminal.expect("atl-cs-001> ");
    terminal.press("Write-Output \"<$(50 + 7)>\"\r");
    terminal.expect("\n<57>\r\n");
    terminal.expect("atl-cs-001> ");
    terminal.press("r zzz\r");
    terminal.expect("InvokeHistoryNoHistoryForId");
    terminal.expect("atl-cs-001> ");
    terminal.press("Invoke-History Write-O\r");
    terminal.expect("\n<57>\r\n");
    terminal.expect("atl-cs-001> ");
    terminal.press(
        "Stop-Transcript; (Get-Content ~/typed.txt | Select-String '<57>' -SimpleMatch | Measure-Object).Count\r",
    );
    terminal.expect("\n3\r\n");
    terminal.expect("atl-cs-001> ");
    terminal.press("exit 3\r");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(3));
}

/// Rule: at the prompt a mandatory parameter that is missing is asked for, of a list one element a line; a missing switch is
/// an error.
#[test]
fn what_is_missing_is_asked_for() {
    let mut terminal = Terminal::start();
    terminal.expect("atl-cs-001> ");
    terminal.press("function G { param([Parameter(Mandatory)][string]$Name, [Parameter(Mandatory)][int[]]$N) \"<$Name $($N -join '+')>\" }\r");
    terminal.expect("atl-cs-001> ");
    for (line, before) in [("G", ""), ("$r = G; $r", ""), ("try { G -Name x } catch { 'no' }", "x")] {
        terminal.press(&format!("{line}\r"));
        terminal.expect("G needs values for these parameters:");
        if before.is_empty() {
            terminal.expect("Name: ");
            terminal.press("y\r");
        }
        for (at, answer) in ["1", "2", ""].iter().enumerate() {
            terminal.expect(&format!("N[{at}]: "));
            terminal.press(&format!("{answer}\r"));
        }
        terminal.expect(if before.is_empty() { "\n<y 1+2>\r\n" } else { "\n<x 1+2>\r\n" });
        terminal.expect("atl-cs-001> ");
    }
    terminal.press("Get-CsUser -Identity $(\r");
    terminal.expect(">> ");
    terminal.press("\x03");
    terminal.expect("atl-cs-001> ");
    terminal.press("Test-Path\r");
    terminal.expect("Test-Path needs values");
    terminal.expect("Path[0]: ");
    terminal.press("\x03");
    terminal.expect("atl-cs-001> ");
    terminal.press("exit 4\r");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(4));
}

/// Rule: Ctrl-C ends the reading of a line that takes long, and the shell goes on.
#[test]
fn reading_a_long_line_stops() {
    let mut terminal = Terminal::start();
    terminal.expect("atl-cs-001> ");
    let line: String = (0..20_000).map(|n| format!("$v{n} = {{ $args | ForEach-Object {{ $_ + {n} }} }};")).collect();
    let begun = Instant::now();
    // What is pasted is put in as a whole, and read when the line is given.
    terminal.press(&format!("\x1b[200~{line}\x1b[201~\r"));
    // The terminal sends signals again when the line is no longer edited.
    while !rustix::termios::tcgetattr(&terminal.keys).unwrap().local_modes.contains(LocalModes::ISIG) {
        assert!(begun.elapsed() < PATIENCE, "the line is not taken");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(100));
    let sent = Instant::now();
    terminal.press("\x03");
    terminal.expect("Interrupted.");
    terminal.expect("atl-cs-001> ");
    assert!(sent.elapsed() < PATIENCE / 2, "{:?}", sent.elapsed());
    terminal.press("Write-Host (40 + 2)\r");
    terminal.expect("\n42\r\n");
    terminal.press("exit 3\r");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(3));
}

/// Rule: Ctrl-D leaves, with code 0 whatever went wrong before.
#[test]
fn the_end_of_input_leaves() {
    let mut terminal = Terminal::start();
    terminal.expect("atl-cs-001> ");
    terminal.press("\x04");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
}
