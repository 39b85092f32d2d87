//! Files of conferences, as a pool's file store keeps them: what the lab has of them.
//!
//! ```text
//! <organiser>/<conference>/conference.json      what it is about, who takes part
//! <organiser>/<conference>/whiteboard.json      strokes that were drawn
//! <organiser>/<conference>/slides/001.svg       slides that were shown
//! <organiser>/<conference>/shared/agenda.txt    files that were handed out
//! <organiser>/<conference>/recording.bin        sound and picture, of a few
//! ```

use crate::people::User;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// When the first of them was: the sample's people were made a little before (2013-03-04).
const FIRST: Duration = Duration::from_secs(1_362_474_000);
/// Between one and the next.
const STEP: Duration = Duration::from_secs(5400);
/// Topics, in an order that shares no factor with the number of people.
const SUBJECTS: [&str; 8] = [
    "Budget of the quarter",
    "New telephones",
    "Move to the second floor",
    "Review of the pilot",
    "Hiring in spring",
    "Outage of last week",
    "Numbers for the board",
    "Training plan",
];

/// How much of it there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Conferences; one for an organiser.
    pub conferences: usize,
    /// Slides of each.
    pub slides: usize,
    /// How many of the conferences were recorded: the first ones.
    pub recordings: usize,
    /// Bytes of the first recording; each further one has half of that.
    pub recording: usize,
}

impl Default for Amount {
    /// What a pool of the lab has: some 260 files in 4 MB, so that a lab is made at once.
    fn default() -> Amount {
        Amount { conferences: 24, slides: 8, recordings: 3, recording: 2 << 20 }
    }
}

/// A conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conference {
    /// Its id: eight letters and digits.
    pub id: String,
    /// The organiser's distinguished name.
    pub organizer: String,
    /// The folder of the organiser: the logon name.
    pub folder: String,
    /// The organiser's address.
    pub address: String,
    /// What it is about.
    pub subject: &'static str,
    /// When it begins, in seconds since 1970.
    pub begins: u64,
    /// Addresses of those who take part.
    pub participants: Vec<String>,
}

impl Conference {
    /// As a document says it.
    pub fn json(&self) -> Json {
        json!({
            "Id": self.id, "Subject": self.subject, "Organizer": self.address, "Begins": time(self.begins),
            "Minutes": 60, "Participants": self.participants, "Folder": format!("{}/{}", self.folder, self.id),
        })
    }
}

/// The conferences that people organise: the first ones of them, one each.
pub fn conferences(people: &[&User], amount: Amount) -> Vec<Conference> {
    let address = |user: &User| user.sip_address.clone();
    let one = |(at, user): (usize, &&User)| {
        let id = blake3::hash(format!("conference {}", user.sam_account_name).as_bytes()).to_hex();
        let others = (1..=3 + at % 4).filter_map(|step| people.get((at + step * 5) % people.len()));
        Conference {
            id: id.as_str().chars().take(8).collect(),
            organizer: user.dn.clone(),
            folder: user.sam_account_name.clone(),
            address: address(user),
            subject: SUBJECTS[at * 3 % SUBJECTS.len()],
            begins: (FIRST + STEP * u32::try_from(at).unwrap_or(0)).as_secs(),
            participants: others.map(|user| address(user)).collect(),
        }
    };
    people.iter().take(amount.conferences).enumerate().map(one).collect()
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files.
    pub files: usize,
    /// Bytes in them.
    pub bytes: usize,
}

/// Writes the files of conferences into a folder, which is made; the same bytes for the same conferences.
///
/// # Errors
/// Those of the system.
pub fn write(folder: &Path, conferences: &[Conference], amount: Amount) -> io::Result<Written> {
    let mut written = Written::default();
    directory(folder)?;
    for (at, conference) in conferences.iter().enumerate() {
        let place = folder.join(&conference.folder).join(&conference.id);
        for part in ["slides", "shared"] {
            directory(&place.join(part))?;
        }
        let mut put = |name: &str, bytes: &[u8]| file(&place.join(name), bytes, conference.begins, &mut written);
        put("conference.json", format!("{:#}\n", conference.json()).as_bytes())?;
        put("whiteboard.json", whiteboard(at).as_bytes())?;
        put("shared/agenda.txt", agenda(conference).as_bytes())?;
        for slide in 1..=amount.slides {
            put(&format!("slides/{slide:03}.svg"), slide_of(conference, slide).as_bytes())?;
        }
        if at < amount.recordings {
            let mut bytes = vec![0; amount.recording >> at];
            // What sound and picture look like to whoever copies them: no byte can be guessed from another.
            blake3::Hasher::new().update(conference.id.as_bytes()).finalize_xof().fill(&mut bytes);
            put("recording.bin", &bytes)?;
        }
    }
    Ok(written)
}

fn directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn file(path: &Path, bytes: &[u8], modified: u64, written: &mut Written) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(modified))?;
    written.files += 1;
    written.bytes += bytes.len();
    Ok(())
}

fn agenda(conference: &Conference) -> String {
    let mut text = format!("{}\n{}\n\n", conference.subject, time(conference.begins));
    for (number, address) in conference.participants.iter().enumerate() {
        text.push_str(&format!("{}. {} ({} minutes)\n", number + 1, address, 5 + 5 * (number % 3)));
    }
    text
}

fn slide_of(conference: &Conference, number: usize) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" height=\"720\">\n<text x=\"40\" y=\"60\">{} {number}</text>\n",
        conference.subject
    );
    for bar in 0..16 {
        let height = 40 + (bar * 37 + number * 101) % 500;
        text.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"40\" height=\"{height}\"/>\n",
            40 + bar * 55,
            700 - height
        ));
    }
    text.push_str("</svg>\n");
    text
}

fn whiteboard(at: usize) -> String {
    let stroke = |number: usize| {
        let points: Vec<[usize; 2]> =
            (0..12).map(|p| [(number * 53 + p * 17 + at * 7) % 1024, (number * 31 + p * 29) % 768]).collect();
        let colour = ["black", "red", "blue"][number % 3];
        json!({"Colour": colour, "Points": points})
    };
    format!("{}\n", json!({"Strokes": (0..20).map(stroke).collect::<Vec<_>>()}))
}

fn time(seconds: u64) -> String {
    let stamp = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    stamp.map(|stamp| stamp.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<User> {
        let one = |at: usize| User {
            dn: format!("CN=U{at},DC=a"),
            sam_account_name: format!("u{at}"),
            sip_address: format!("sip:u{at}@a"),
            ..User::default()
        };
        (0..40).map(one).collect()
    }

    /// Rule: two labs have the same files, a few hundred of them, and stay small.
    #[test]
    fn files_are_the_same_every_time() {
        let people = people();
        let people: Vec<&User> = people.iter().collect();
        let folder = tempfile::tempdir().unwrap();
        let amount = Amount::default();
        let all = conferences(&people, amount);
        let trees = ["a", "b"].map(|name| {
            let place = folder.path().join(name);
            let written = write(&place, &all, amount).unwrap();
            assert!((200..400).contains(&written.files) && written.bytes < 10 << 20, "{written:?}");
            let read = |path: &str| fs::read(place.join(&all[0].folder).join(&all[0].id).join(path)).unwrap();
            ["recording.bin", "conference.json", "slides/003.svg", "whiteboard.json"].map(read)
        });
        assert_eq!(trees[0], trees[1]);
        assert_eq!(trees[0][0].len(), amount.recording);
    }
}
