//! A master that is killed in the middle of a transfer.

use super::{DUBLIN, MASTER, Site};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Carries bytes between a replica and its master, and counts those that come from the master; beyond `most` it keeps
/// them.
struct Between {
    address: SocketAddr,
    from_master: Arc<AtomicU64>,
    most: Arc<AtomicU64>,
}

impl Between {
    fn new(master: SocketAddr, most: u64) -> Between {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (from_master, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(most)));
        let (count, limit) = (from_master.clone(), most.clone());
        std::thread::spawn(move || {
            for replica in listener.incoming().flatten() {
                let Ok(master) = TcpStream::connect(master) else { continue };
                let (count, limit) = (count.clone(), limit.clone());
                let (mut up, mut down) = (replica.try_clone().unwrap(), replica);
                let (mut there, mut back) = (master.try_clone().unwrap(), master);
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut up, &mut there);
                    let _ = there.shutdown(std::net::Shutdown::Both);
                });
                std::thread::spawn(move || {
                    let mut buffer = [0; 16_384];
                    while let Ok(read @ 1..) = back.read(&mut buffer) {
                        if count.load(Ordering::SeqCst) >= limit.load(Ordering::SeqCst) {
                            // The rest of this connection is never seen.
                            let _ = std::io::copy(&mut back, &mut std::io::sink());
                            break;
                        }
                        count.fetch_add(read as u64, Ordering::SeqCst);
                        if down.write_all(&buffer[..read]).is_err() {
                            break;
                        }
                    }
                    let _ = down.shutdown(std::net::Shutdown::Both);
                });
            }
        });
        Between { address, from_master, most }
    }

    fn passed(&self) -> u64 {
        self.from_master.load(Ordering::SeqCst)
    }
}

/// Rule: the master is killed in the middle of a large package and started again: the transfer goes on where it was, and
/// the status says meanwhile what is missing.
#[test]
fn a_transfer_goes_on_after_the_master_was_killed() {
    const PACKAGE: u64 = 6_000_000;
    let mut site = Site::up(&[MASTER, DUBLIN]);
    site.stop(DUBLIN);
    let between = Between::new(site.address(MASTER), 2_000_000);
    site.publish(&[(MASTER, between.address)]);
    let version = site.change("large", 2 * PACKAGE as usize);
    site.start(DUBLIN);
    crate::host::fleet::wait("it is in the middle", || between.passed() >= 2_000_000);
    let state = site.state(DUBLIN).unwrap();
    assert!(!state.up_to_date && state.reason.is_some() && state.bytes_behind > Some(PACKAGE), "{state:?}");
    let incoming = site.host(DUBLIN).join("replica/incoming");
    let begun = || {
        let files = std::fs::read_dir(&incoming).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum::<u64>()
    };
    crate::host::fleet::wait("it is on the disk", || begun() > 1_000_000);
    site.kill(MASTER);
    site.complains(DUBLIN, "Connection");
    between.most.store(u64::MAX, Ordering::SeqCst);
    let before = between.passed();
    site.start(MASTER);
    site.until(DUBLIN, "it is there", |state| state.up_to_date && state.version_held == Some(version));
    let after = between.passed() - before;
    assert!(after < PACKAGE, "{after} bytes came again");
}
