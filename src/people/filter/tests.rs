//! Filters on a few users.

use super::*;

const PROPERTIES: [&str; 6] =
    ["DisplayName", "RegistrarPool", "EnterpriseVoiceEnabled", "Enabled", "VoicePolicy", "Extension"];

fn users() -> Vec<[Value; 6]> {
    vec![
        ["Ken Myer".into(), "dub-pool".into(), true.into(), true.into(), "RedmondVoicePolicy".into(), 712.into()],
        ["Pilar Ackerman".into(), "lon-pool".into(), false.into(), true.into(), Value::Null, 80.into()],
        ["Zoë O'Neil".into(), Value::Null, false.into(), Value::Null, Value::Null, Value::Null],
    ]
}

fn selected(source: &str) -> Result<String, ErrorRecord> {
    let filter = Filter::parse(source, &PROPERTIES)?;
    let chosen = users().into_iter().filter(|user| filter.selects(&|at| user[at].clone()));
    Ok(chosen.map(|user| text::to_text(&user[0]).chars().next().unwrap_or(' ')).collect())
}

#[test]
fn comparisons_select() {
    for (source, expected) in [
        (r#"RegistrarPool -eq "dub-pool""#, "K"),
        (r#"registrarpool -EQ 'DUB-POOL'"#, "K"),
        ("RegistrarPool –eq “dub-pool”", "K"),
        ("RegistrarPool -eq dub-pool", "K"),
        (r#"RegistrarPool -ne "dub-pool""#, "PZ"),
        ("VoicePolicy -ne $null", "K"),
        ("VoicePolicy -eq $Null", "PZ"),
        (r#"VoicePolicy -eq """#, "PZ"),
        ("Enabled -ne $True", "Z"),
        (r#"Enabled -eq "true""#, "KP"),
        (r#"DisplayName -like "*A*""#, "P"),
        (r#"DisplayName -notlike "Ken*""#, "PZ"),
        ("DisplayName -eq 'Zoë O''Neil'", "Z"),
        ("Extension -gt 80", "K"),
        ("Extension -ge 80", "KP"),
        ("Extension -lt 100 -or EnterpriseVoiceEnabled -eq $true", "KP"),
        ("Extension -gt 1 -and Extension -lt 100 -or DisplayName -like 'Z*'", "PZ"),
        ("Extension -gt 1 -and (Extension -lt 100 -or DisplayName -like 'K*')", "KP"),
        ("-not (Enabled -eq $true)", "Z"),
        ("!(Enabled -eq $true) -or -not Extension -gt 100", "PZ"),
    ] {
        assert_eq!(selected(source).unwrap_or_else(|e| e.message().to_string()), expected, "{source}");
    }
}

#[test]
fn what_cannot_be_read_names_its_place() {
    for (source, says) in [
        ("", "at its end"),
        ("RegistrarPol -eq 'x'", "'RegistrarPol'"),
        ("RegistrarPool", "at its end"),
        ("RegistrarPool -eq", "at its end"),
        ("RegistrarPool -match 'x'", "'-match'"),
        ("RegistrarPool -eq 'x", "character 19"),
        ("(RegistrarPool -eq 'x'", "at its end"),
        ("RegistrarPool -eq 'x' Enabled -eq $true", "'Enabled'"),
        ("RegistrarPool -eq $pool", "'$pool'"),
        ("$_.RegistrarPool -eq 'x'", "'$_.RegistrarPool'"),
        ("RegistrarPool -eq 'x' -and", "at its end"),
        (") -eq (", "')'"),
        ("Enabled -eq $", "'$'"),
    ] {
        let error = selected(source).expect_err(source);
        assert_eq!(error.id(), "InvalidFilter", "{source}");
        assert!(error.message().contains(says), "{source}: {}", error.message());
    }
    let error = selected("RegistrarPol -eq 'x'").expect_err("misspelt");
    assert!(error.hints()[0].contains("RegistrarPool"));
    let deep = format!("{}Enabled -eq $true{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(selected(&deep).expect_err("deep").id(), "InvalidFilter");
}

#[test]
fn variables_become_literals() {
    let record = crate::value::Record::custom([("City", Value::from("St. John's"))]);
    let value = |name: &str| match name {
        "pool" => Some("dub-pool".into()),
        "n" => Some(80.into()),
        "user" => Some(record.clone().into()),
        "nothing" => Some(Value::Null),
        "list" => Some(Value::list(vec![1.into(), 2.into()])),
        _ => None,
    };
    for (source, expected) in [
        ("RegistrarPool -eq $pool", "RegistrarPool -eq 'dub-pool'"),
        ("Extension -gt $n -and Enabled -eq $true", "Extension -gt 80 -and Enabled -eq $true"),
        ("City -eq $user.City", "City -eq 'St. John''s'"),
        (r#"DisplayName -like "$pool*""#, "DisplayName -like 'dub-pool*'"),
        (r#"DisplayName -like "${pool}x $($user.City)""#, "DisplayName -like 'dub-poolx St. John''s'"),
        ("VoicePolicy -eq $nothing", "VoicePolicy -eq $null"),
        ("DisplayName -eq '$pool'", "DisplayName -eq '$pool'"),
    ] {
        assert_eq!(resolve(source, &value).unwrap_or_else(|e| e.message().to_string()), expected, "{source}");
    }
    assert_eq!(resolve("City -eq $nobody", &value).expect_err("unknown").id(), "InvalidFilter");
    assert_eq!(resolve("City -eq $list", &value).expect_err("a list").id(), "InvalidFilter");
    assert_eq!(variables("RegistrarPool -eq $pool -and City -eq $user.City").expect("read"), ["pool", "user"]);
}
