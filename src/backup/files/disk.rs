//! The file tree itself. Every path is resolved beneath an open root without following a single link: nothing outside
//! can be read or written, whatever somebody puts into the tree meanwhile.

use super::path::TreePath;
use super::row::{MODE, Stamp};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;

/// A tree on the disk.
pub struct Disk {
    root: OwnedFd,
    device: u64,
    /// The folder that was used last: what is done beside each other is asked for beside each other.
    last: RefCell<Option<(TreePath, Rc<OwnedFd>)>>,
}

/// What the system says of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Its kind.
    pub kind: FileType,
    /// Permission bits that follow.
    pub mode: u32,
    /// By what its owner's system tells a change.
    pub stamp: Stamp,
    /// The file system on which it lies.
    pub device: u64,
}

impl From<Stat> for Seen {
    #[allow(clippy::unnecessary_cast, reason = "the widths of these fields differ between systems")]
    fn from(stat: Stat) -> Seen {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Seen {
            kind: FileType::from_raw_mode(stat.st_mode),
            mode: stat.st_mode as u32 & MODE,
            stamp: Stamp {
                inode: stat.st_ino as u64,
                ctime: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
                mtime: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
                size: stat.st_size as u64,
            },
            device: stat.st_dev as u64,
        }
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Disk {
    /// Opens the tree whose root is this folder.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(root: &Path) -> io::Result<Disk> {
        let root = fs::open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let device = Seen::from(fs::fstat(&root)?).device;
        Ok(Disk { root, device, last: RefCell::default() })
    }

    /// The file system on which the root lies.
    pub fn device(&self) -> u64 {
        self.device
    }

    /// Opens a folder.
    pub fn folder(&self, path: &TreePath) -> io::Result<Rc<OwnedFd>> {
        if let Some((last, folder)) = &*self.last.borrow()
            && last == path
        {
            return Ok(folder.clone());
        }
        let folder = Rc::new(self.open_folder(path)?);
        *self.last.borrow_mut() = Some((path.clone(), folder.clone()));
        Ok(folder)
    }

    /// Forgets which folder was used last: folders have moved or gone.
    pub fn forget(&self) {
        *self.last.borrow_mut() = None;
    }

    #[cfg(target_os = "linux")]
    fn open_folder(&self, path: &TreePath) -> io::Result<OwnedFd> {
        use rustix::fs::ResolveFlags;
        let text = if path.is_root() { b".".to_vec() } else { path.to_bytes() };
        let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match fs::openat2(&self.root, text.as_slice(), FOLDER, Mode::empty(), how) {
            // Kernels before 5.6, and filters of containers that do not know it.
            Err(Errno::NOSYS | Errno::PERM) => self.walk(path),
            done => Ok(done?),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_folder(&self, path: &TreePath) -> io::Result<OwnedFd> {
        self.walk(path)
    }

    /// Component by component, where the system cannot do it at once.
    fn walk(&self, path: &TreePath) -> io::Result<OwnedFd> {
        let mut folder = fs::openat(&self.root, ".", FOLDER, Mode::empty())?;
        if !path.is_root() {
            for name in path.to_bytes().split(|b| *b == b'/') {
                folder = fs::openat(&folder, name, FOLDER, Mode::empty())?;
            }
        }
        Ok(folder)
    }

    fn parent(&self, path: &TreePath) -> io::Result<Rc<OwnedFd>> {
        self.folder(&path.parent().ok_or(Errno::INVAL)?)
    }

    /// What is at a place; `None` if nothing.
    pub fn look(&self, path: &TreePath) -> io::Result<Option<Seen>> {
        let parent = match self.parent(path) {
            Ok(parent) => parent,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        look_at(&*parent, path.name())
    }

    /// Opens a file to read it. What is no file (any more) is an error; a pipe does not hold anybody up.
    pub fn read(&self, path: &TreePath) -> io::Result<(File, Seen)> {
        read_at(&*self.parent(path)?, path.name())
    }

    /// Where a symbolic link points to.
    pub fn link(&self, path: &TreePath) -> io::Result<Vec<u8>> {
        Ok(fs::readlinkat(&*self.parent(path)?, path.name(), Vec::new())?.into_bytes())
    }

    /// Makes a folder that only its owner may use until it gets its mode.
    pub fn make_folder(&self, path: &TreePath) -> io::Result<()> {
        Ok(fs::mkdirat(&*self.parent(path)?, path.name(), Mode::RWXU)?)
    }

    /// Makes a symbolic link in an open folder.
    pub fn make_link(&self, folder: impl AsFd, name: &[u8], to: &[u8], mtime: i64) -> io::Result<()> {
        fs::symlinkat(to, &folder, name)?;
        Ok(fs::utimensat(&folder, name, &times(mtime), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Gives an entry another name. With `fresh` nothing may be at the new one.
    pub fn rename(&self, from: &TreePath, to: &TreePath, fresh: bool) -> io::Result<()> {
        let source = Rc::new(self.open_folder(&from.parent().ok_or(Errno::INVAL)?)?);
        self.rename_from(&*source, from.name(), to, fresh)?;
        self.forget();
        Ok(())
    }

    /// Gives an entry of an open folder its place.
    pub fn rename_from(&self, folder: impl AsFd, name: &[u8], to: &TreePath, fresh: bool) -> io::Result<()> {
        let parent = self.parent(to)?;
        if fresh {
            match fs::renameat_with(&folder, name, &*parent, to.name(), RenameFlags::NOREPLACE) {
                // Not every file system can do it; then looking first must be enough.
                Err(Errno::INVAL | Errno::NOSYS) if look_at(&*parent, to.name())?.is_none() => {}
                done => return Ok(done?),
            }
        }
        Ok(fs::renameat(&folder, name, &*parent, to.name())?)
    }

    /// Holds what is at a place, so that it is gone only when this is closed; `None` if it cannot be held, or need not.
    #[cfg(target_os = "linux")]
    pub fn hold(&self, path: &TreePath) -> Option<OwnedFd> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        fs::openat(&*self.parent(path).ok()?, path.name(), flags, Mode::empty()).ok()
    }

    /// There is no such handle here.
    #[cfg(not(target_os = "linux"))]
    pub fn hold(&self, _path: &TreePath) -> Option<OwnedFd> {
        None
    }

    /// Removes a file or link.
    pub fn remove(&self, path: &TreePath) -> io::Result<()> {
        Ok(fs::unlinkat(&*self.parent(path)?, path.name(), AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub fn remove_folder(&self, path: &TreePath) -> io::Result<()> {
        self.forget();
        Ok(fs::unlinkat(&*self.parent(path)?, path.name(), AtFlags::REMOVEDIR)?)
    }

    /// Sets mode and time of a file or folder, the time alone of a link.
    pub fn set(&self, path: &TreePath, mode: u32, mtime: i64) -> io::Result<()> {
        let parent = self.parent(path)?;
        let Some(seen) = look_at(&*parent, path.name())? else { return Err(Errno::NOENT.into()) };
        if matches!(seen.kind, FileType::RegularFile | FileType::Directory) && seen.mode != mode {
            self.set_mode_at(&*parent, path.name(), mode)?;
        }
        Ok(fs::utimensat(&*parent, path.name(), &times(mtime), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Sets the mode alone.
    pub fn set_mode(&self, path: &TreePath, mode: u32) -> io::Result<()> {
        self.set_mode_at(&*self.parent(path)?, path.name(), mode)
    }

    fn set_mode_at(&self, parent: impl AsFd, name: &[u8], mode: u32) -> io::Result<()> {
        // By an open file, because chmod by name would follow a link that somebody has put there just now. Who may
        // not read may be allowed to write.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = fs::openat(&parent, name, OFlags::RDONLY | flags, Mode::empty())
            .or_else(|_| fs::openat(&parent, name, OFlags::WRONLY | flags, Mode::empty()));
        match opened {
            Ok(file) => Ok(fs::fchmod(file, Mode::from_raw_mode(mode as _))?),
            // Neither is allowed: the owner's own file with no rights at all.
            Err(Errno::ACCESS) => set_mode_unopened(parent, name, mode),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a folder's entries durable.
    pub fn sync_folder(&self, path: &TreePath) -> io::Result<()> {
        Ok(fs::fsync(&*self.folder(path)?)?)
    }

    /// Makes everything on this file system durable.
    pub fn sync_all(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        fs::syncfs(&self.root)?;
        #[cfg(not(target_os = "linux"))]
        fs::sync();
        Ok(())
    }
}

/// Sets the mode of what nobody may open: by a handle that gives no right to it, and that is what it is whatever gets its
/// name meanwhile.
#[cfg(target_os = "linux")]
fn set_mode_unopened(parent: impl AsFd, name: &[u8], mode: u32) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let held = fs::openat(parent, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if !matches!(Seen::from(fs::fstat(&held)?).kind, FileType::RegularFile | FileType::Directory) {
        return Err(Errno::LOOP.into());
    }
    let way = format!("/proc/self/fd/{}", held.as_raw_fd());
    match fs::chmod(way, Mode::from_raw_mode(mode as _)) {
        // There is no /proc here; then it cannot be done safely, and is not done.
        Err(Errno::NOENT) => Err(Errno::ACCESS.into()),
        done => Ok(done?),
    }
}

/// There is no such handle here; what cannot be done safely is not done.
#[cfg(not(target_os = "linux"))]
fn set_mode_unopened(_parent: impl AsFd, _name: &[u8], _mode: u32) -> io::Result<()> {
    Err(Errno::ACCESS.into())
}

/// What an open folder has under a name; `None` if nothing.
pub(super) fn look_at(folder: impl AsFd, name: &[u8]) -> io::Result<Option<Seen>> {
    match fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat.into())),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a file of an open folder to read it.
pub(super) fn read_at(folder: impl AsFd, name: &[u8]) -> io::Result<(File, Seen)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(fs::openat(folder, name, flags, Mode::empty())?);
    let seen = Seen::from(fs::fstat(&file)?);
    if seen.kind == FileType::RegularFile { Ok((file, seen)) } else { Err(Errno::LOOP.into()) }
}

/// Opens a folder of an open folder.
pub(super) fn folder_at(folder: impl AsFd, name: &[u8]) -> io::Result<OwnedFd> {
    Ok(fs::openat(folder, name, FOLDER, Mode::empty())?)
}

/// Times with which an entry was changed at `mtime`; when it was read stays as it is.
pub(super) fn times(mtime: i64) -> Timestamps {
    let modified = Timespec { tv_sec: mtime.div_euclid(1_000_000_000), tv_nsec: mtime.rem_euclid(1_000_000_000) as _ };
    Timestamps { last_access: Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT as _ }, last_modification: modified }
}

/// Whether an error says that there is nothing, or that a link or a file is where a folder was.
pub(super) fn gone(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [Errno::NOENT, Errno::NOTDIR, Errno::LOOP].iter().any(|e| Some(e.raw_os_error()) == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Rule: no name leads through a link, not even to a place inside.
    #[test]
    fn links_are_not_followed() {
        let (outside, inside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        symlink(outside.path(), inside.path().join("way")).unwrap();
        symlink(outside.path().join("secret"), inside.path().join("file")).unwrap();
        let disk = Disk::open(inside.path()).unwrap();
        let path = |text: &str| TreePath::parse(text.as_bytes()).unwrap();
        assert!(disk.read(&path("way/secret")).is_err());
        assert!(disk.read(&path("file")).is_err());
        assert!(disk.make_folder(&path("way/new")).is_err());
        assert!(disk.remove(&path("way/secret")).is_err());
        assert!(disk.rename(&path("way/secret"), &path("mine"), true).is_err());
        assert!(disk.set_mode(&path("file"), 0o600).is_err());
        assert!(disk.look(&path("way/secret")).unwrap().is_none());
        assert!(disk.walk(&path("way")).is_err(), "the slow way neither");
        assert!(outside.path().join("secret").exists() && !outside.path().join("new").exists());
    }

    /// Rule: what nobody may open gets its mode without a link being followed that takes its place meanwhile.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_mode_is_set_where_it_is_meant() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let (outside, inside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (secret, shut) = (outside.path().join("secret"), inside.path().join("shut"));
        for file in [&secret, &shut] {
            std::fs::write(file, "x").unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o000)).unwrap();
        }
        symlink(&secret, inside.path().join("way")).unwrap();
        let disk = Disk::open(inside.path()).unwrap();
        assert!(set_mode_unopened(&disk.root, b"way", 0o666).is_err());
        set_mode_unopened(&disk.root, b"shut", 0o640).unwrap();
        let mode = |file: &Path| file.metadata().unwrap().mode() & 0o777;
        assert_eq!((mode(&secret), mode(&shut)), (0, 0o640));
    }
}
