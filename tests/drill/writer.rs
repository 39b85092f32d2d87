//! A client that makes changes all the time, and remembers which were acknowledged.

use super::Site;
use crate::support::fleet::{PATIENCE, pause};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

/// A session that makes one policy after the other, tries the next one where one fails, and so goes over with the store.
pub struct Writer {
    child: Child,
    reader: Option<JoinHandle<()>>,
    acknowledged: Arc<Mutex<Vec<String>>>,
}

impl Writer {
    /// Begins to write through the lab; names begin with the prefix, which no other writer has.
    pub fn begin(site: &Site, prefix: &str) -> Writer {
        Writer::through(site, &site.lab.directory, prefix)
    }

    /// The same through one computer, which alone can acknowledge what it writes.
    pub fn at(site: &Site, computer: &str, prefix: &str) -> Writer {
        Writer::through(site, &site.host(computer), prefix)
    }

    fn through(site: &Site, directory: &Path, prefix: &str) -> Writer {
        let lab = directory.to_str().unwrap().to_string();
        // Warnings are written at once, objects when there are enough of them.
        let text = format!(
            "foreach ($n in 1..100000) {{ try {{ New-CsVoicePolicy -Identity \"{prefix}$n\" -ErrorAction Stop | Out-Null; \
             Write-Warning \"{prefix}$n\" }} catch (error) {{ }} }}"
        );
        let mut command = site.command(&["--dir", &lab, "-c", &text]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let acknowledged = Arc::<Mutex<Vec<String>>>::default();
        let (mut lines, heard, begins) =
            (BufReader::new(child.stderr.take().unwrap()), acknowledged.clone(), prefix.to_string());
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            // A line that was cut off by the end of the client says nothing.
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                let name = line.trim().strip_prefix("WARNING: ").filter(|name| name.starts_with(&*begins));
                heard.lock().unwrap().extend(name.map(str::to_string));
                line.clear();
            }
        });
        Writer { child, reader: Some(reader), acknowledged }
    }

    fn heard(&self) -> MutexGuard<'_, Vec<String>> {
        self.acknowledged.lock().unwrap()
    }

    /// How many changes were acknowledged so far.
    pub fn count(&self) -> usize {
        self.heard().len()
    }

    /// Waits until so many more are acknowledged.
    #[track_caller]
    pub fn goes_on(&self, more: usize) {
        let (start, before) = (Instant::now(), self.count());
        while self.count() < before + more {
            assert!(start.elapsed() < PATIENCE, "only {} changes were acknowledged", self.count() - before);
            pause();
        }
    }

    /// Stops it where it is, or lets it go on.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen { Signal::STOP } else { Signal::CONT };
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends it, and gives what was acknowledged.
    pub fn end(mut self) -> Vec<String> {
        self.stop();
        self.heard().clone()
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}
