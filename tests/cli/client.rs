//! What a session does with its own computer: transcripts and files.

use super::program::Place;

/// A transcript has its head, what was shown, errors too, and its end; then no more.
#[test]
fn a_transcript_has_what_was_shown() {
    let place = Place::lab();
    let script = "Start-Transcript t.txt
Write-Host shown -ForegroundColor Green
[pscustomobject]@{Site='Redmond'; Pools=3}
Write-Warning careful
Get-CsPool -Identity no.such.pool
Stop-Transcript
'afterwards'
Start-Transcript t.txt -Append -UseMinimalHeader
'again'
";
    place.write("t.ps1", script);
    let ran = place.run_with(&["run", "--dir", "lab", "t.ps1"], "");
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("Transcript started, output file is ") && ran.out.contains("afterwards"), "{}", ran.out);
    let text = std::fs::read_to_string(place.path("t.txt")).unwrap();
    let mut rest = text.as_str();
    for part in [
        "**********************\nPowerShell transcript start\nStart time: ",
        "Process ID: ",
        "**********************\nTranscript started, output file is ",
        "shown\n",
        // A row waits for others, whose widths may count, and what is said does not.
        "WARNING: careful\n",
        "Redmond     3\n",
        "PoolNotFound",
        "**********************\nPowerShell transcript end\nEnd time: ",
        "PowerShell transcript start\n",
        "again\n",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not where it should be in {text}"));
        rest = &rest[at + part.len()..];
    }
    assert!(!text.contains("afterwards") && !text.contains('\u{1b}'), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(place.path("t.txt")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it is its owner's alone");
}

/// An alias that a script gives is known to the check before it.
#[test]
fn an_alias_of_a_script_is_no_unknown_cmdlet() {
    let place = Place::lab();
    place.write("a.ps1", "Set-Alias pools Get-CsPool\n(pools | Measure-Object).Count -gt 0\n");
    assert_eq!(place.run_with(&["run", "--dir", "lab", "a.ps1"], "").ok().out.trim(), "True");
}
