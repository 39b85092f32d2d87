//! A thread beside a target's own: what the file system takes its time for, and nobody has to wait for, is done there.
//! Files are made before they are asked for, what was written goes on its way to the disk, and what was replaced is given
//! back to the file system. None of it is what makes a file durable: that the target does itself, at a checkpoint.

use rustix::fs::{self, Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// Files that are made ahead: they bridge the time in which the thread does something else, and are few enough to be made
/// in vain.
const AHEAD: usize = 8;
/// What may wait to be done; each holds a descriptor.
const WAITING: usize = 64;
/// Bytes from which on a file is given to the disk before the checkpoint.
#[cfg(target_os = "linux")]
const WORTH_WRITING: u64 = 64 * 1024;

enum Job {
    Make(Vec<u8>),
    Write(File),
    Close(OwnedFd),
}

/// A file that was made, with its name.
type Made = io::Result<(Vec<u8>, File)>;

/// The thread. When this is dropped it has done all that it was given, and what was made in vain is gone.
pub(super) struct Aside {
    folder: Arc<OwnedFd>,
    jobs: Option<SyncSender<Job>>,
    made: Receiver<Made>,
    thread: Option<JoinHandle<()>>,
    turn: u64,
}

impl Aside {
    /// Starts it for the files of a folder; `None` if the system gives no thread, which costs time and nothing else.
    pub fn start(folder: &Arc<OwnedFd>) -> Option<Aside> {
        let (jobs, waiting) = sync_channel(WAITING);
        let (finished, made) = channel();
        let inside = folder.clone();
        let work = move || run(&inside, &waiting, &finished);
        let thread = std::thread::Builder::new().name("staging".into()).spawn(work).ok()?;
        let mut aside = Aside { folder: folder.clone(), jobs: Some(jobs), made, thread: Some(thread), turn: 0 };
        for _ in 0..AHEAD {
            aside.order();
        }
        Some(aside)
    }

    fn order(&mut self) {
        self.turn += 1;
        self.give(Job::Make(format!("ahead-{}", self.turn).into_bytes()));
    }

    fn give(&self, job: Job) {
        // Without the thread a job is done by being dropped, but for files, which then are not there to be taken.
        let given = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !given {
            tracing::debug!("the thread beside the synchronisation has ended");
        }
    }

    /// A file that was made, under a name that it had to have; `None` if the thread has ended.
    pub fn take(&mut self) -> Option<Made> {
        let made = self.made.recv().ok();
        self.order();
        made
    }

    /// Lets the disk begin with a file that is written: at the checkpoint there is less to wait for.
    pub fn write(&self, file: File) {
        self.give(Job::Write(file));
    }

    /// Closes what was open of a file that may be gone, which is when its space is given back.
    pub fn close(&self, file: OwnedFd) {
        self.give(Job::Close(file));
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.jobs = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread beside the synchronisation has failed");
        }
        for (name, _) in self.made.try_iter().flatten() {
            // What stays is removed when the folder is opened again.
            let removed = fs::unlinkat(&*self.folder, name.as_slice(), fs::AtFlags::empty());
            tracing::trace!(removed = removed.is_ok(), "a file that was made in vain");
        }
    }
}

fn run(folder: &OwnedFd, waiting: &Receiver<Job>, finished: &Sender<Made>) {
    while let Ok(job) = waiting.recv() {
        match job {
            Job::Make(name) => {
                let made = make(folder, &name).map(|file| (name, file));
                if finished.send(made).is_err() {
                    return;
                }
            }
            Job::Write(file) => write_out(&file),
            Job::Close(file) => drop(file),
        }
    }
}

/// Makes an empty file that only its owner may use.
pub(super) fn make(folder: &OwnedFd, name: &[u8]) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::CREATE | OFlags::TRUNC;
    Ok(fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

/// Lets the disk begin to write a file.
pub(super) fn write_out(file: &File) {
    #[cfg(target_os = "linux")]
    if file.metadata().is_ok_and(|seen| seen.len() >= WORTH_WRITING) {
        let begun = fs::fadvise(file, 0, None, fs::Advice::DontNeed);
        tracing::trace!(begun = begun.is_ok(), "writing of a staged file");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn folder() -> (tempfile::TempDir, Arc<OwnedFd>) {
        let folder = tempfile::tempdir().unwrap();
        let open = File::open(folder.path()).unwrap();
        (folder, Arc::new(open.into()))
    }

    fn names(folder: &tempfile::TempDir) -> usize {
        std::fs::read_dir(folder.path()).unwrap().count()
    }

    /// Rule: as many files as are asked for are there, each another one; what was made in vain is gone at the end.
    #[test]
    fn files_are_made_ahead() {
        let (path, open) = folder();
        let mut aside = Aside::start(&open).unwrap();
        let mut taken = std::collections::BTreeSet::new();
        for _ in 0..3 * AHEAD {
            let (name, mut file) = aside.take().unwrap().unwrap();
            file.write_all(b"content").unwrap();
            aside.write(file);
            assert!(taken.insert(name));
        }
        drop(aside);
        assert_eq!(names(&path), taken.len());
    }

    /// Rule: what the system refuses is said to who asks, and at the end nothing waits for ever.
    #[test]
    fn what_cannot_be_made_is_said() {
        let (path, open) = folder();
        drop(path);
        let mut aside = Aside::start(&open).unwrap();
        assert!(aside.take().unwrap().is_err());
        for _ in 0..2 * WAITING {
            aside.close(open.try_clone().unwrap());
        }
    }
}
