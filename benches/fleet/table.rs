//! What is said at the end: tables, goals.

use super::figures::Figures;
use std::fmt::Write;

/// Percentiles that are shown.
const SHOWN: [f64; 3] = [50.0, 95.0, 99.0];

/// Cores, and how busy the machine is: what else it does is in the times.
pub fn machine() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, load average {}", load.join(" "))
}

/// All tables.
pub fn all(pairs: &[(usize, Figures, Figures)], stores: &[(usize, Figures)]) -> String {
    let mut text = String::new();
    // Writing into a text does not fail.
    let _ = ways(&mut text, pairs).and_then(|()| rest(&mut text, pairs)).and_then(|()| scale(&mut text, stores));
    text
}

fn cells(figures: &Figures, name: &str) -> String {
    SHOWN.iter().map(|percent| format!("{:9.2}", figures.percentile(name, *percent))).collect()
}

/// A change's way, beside etcd's.
fn ways(text: &mut String, pairs: &[(usize, Figures, Figures)]) -> std::fmt::Result {
    writeln!(text, "\nOne change of 4 KiB, ms                      p50      p95      p99   goal")?;
    for (count, theirs, ours) in pairs {
        writeln!(text, "{count:5}  etcd   put acknowledged     {}", cells(theirs, "acknowledged"))?;
        writeln!(text, "       reeve  change acknowledged  {}", cells(ours, "acknowledged"))?;
        writeln!(text, "       etcd   delivered            {}", cells(theirs, "delivered"))?;
        let ratios =
            SHOWN.map(|percent| ours.percentile("delivered", percent) / theirs.percentile("delivered", percent));
        let said = verdict(ratios.iter().all(|ratio| *ratio <= 1.0));
        writeln!(
            text,
            "       reeve  delivered            {}   no slower than etcd: {said}",
            cells(ours, "delivered")
        )?;
        let ratios: String = ratios.iter().map(|ratio| format!("{ratio:9.2}")).collect();
        writeln!(text, "              ratio to etcd        {ratios}")?;
        let said = verdict(ours.percentile("reported", 99.0) <= 1000.0);
        writeln!(text, "       reeve  applied, reported    {}   p99 <= 1000: {said}", cells(ours, "reported"))?;
    }
    Ok(())
}

/// Memory, computing, snapshots.
fn rest(text: &mut String, pairs: &[(usize, Figures, Figures)]) -> std::fmt::Result {
    writeln!(
        text,
        "\nA receiver at the server, KiB (median of passes)   etcd     reeve   after changes and a snapshot"
    )?;
    for (count, theirs, ours) in pairs {
        let [etcd, each] = [theirs, ours].map(|figures| figures.median("memory_each"));
        let after = ours.median("memory_after");
        // What the server takes once, whoever connects, is most of it with a few.
        let said = if *count < 1000 { String::new() } else { format!("   <= 20: {}", verdict(each <= 20.0)) };
        writeln!(text, "{count:5}                                         {etcd:9.1} {each:9.1} {after:9.1}{said}")?;
    }
    writeln!(text, "\nComputing for a change, ms                         etcd     reeve   (the server's process)")?;
    for (count, theirs, ours) in pairs {
        let [a, b] = [theirs, ours].map(|figures| figures.median("server_computed"));
        writeln!(text, "{count:5}                                         {a:9.1} {b:9.1}")?;
    }
    writeln!(text, "\nForced full snapshot of a store of 1 MB, applied and reported by all, s")?;
    for (count, _, ours) in pairs {
        let (median, most) = (ours.median("snapshot") / 1000.0, ours.most("snapshot") / 1000.0);
        let said = verdict(most <= 10.0);
        writeln!(text, "{count:5}  median {median:7.2}   slowest {most:7.2}   <= 10: {said}")?;
    }
    Ok(())
}

/// Stores of any size.
fn scale(text: &mut String, stores: &[(usize, Figures)]) -> std::fmt::Result {
    writeln!(text, "\nOne change before 1 replica, ms (p50)   acknowledged  delivered   reported   first snapshot")?;
    for (documents, figures) in stores {
        let [a, b, c, d] = ["acknowledged", "delivered", "reported", "first"].map(|name| figures.median(name));
        writeln!(text, "{documents:9} documents in the store        {a:10.2} {b:10.2} {c:10.2} {d:16.0}")?;
    }
    if let (Some((_, least)), Some((_, most))) = (stores.first(), stores.last()) {
        let ratio = most.median("reported") / least.median("reported");
        writeln!(
            text,
            "the largest beside the smallest, reported: {ratio:.2}; the same (<= 1.5): {}",
            verdict(ratio <= 1.5)
        )?;
    }
    Ok(())
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
