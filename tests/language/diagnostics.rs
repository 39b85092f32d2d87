//! What is wrong is named, with PowerShell's id where it has one, and a way out.

use super::support::World;
use reeve::error::Severity;
use reeve::language::tree::*;
use reeve::language::{Mode, TokenKind, parse, tokens};

#[test]
fn mistakes_have_ids_places_and_fixes() {
    // Text, id, the text that the diagnostic points at, the text after the fix (empty: no fix).
    let cases = [
        (
            "Get-CsAdminRole | Where-Object {$\\_.Cmdlets -match \"X\"}",
            "UnexpectedToken",
            "$\\_",
            "Get-CsAdminRole | Where-Object {$_.Cmdlets -match \"X\"}",
        ),
        ("Get-CsPool \\| Sort-Object Name", "UnexpectedToken", "\\|", "Get-CsPool | Sort-Object Name"),
        ("(Get-CsPool).ToString() \\> a.txt", "UnexpectedToken", "\\>", "(Get-CsPool).ToString() > a.txt"),
        ("if ($x == 3) { 1 }", "UnexpectedToken", "==", "if ($x -eq 3) { 1 }"),
        ("$x != 3", "UnexpectedToken", "!=", "$x -ne 3"),
        ("$x >= 3", "UnexpectedToken", ">=", "$x -ge 3"),
        ("$x <= 3", "UnexpectedToken", "<=", "$x -le 3"),
        ("$x = 5 5", "UnexpectedToken", "5", ""),
        ("Get-CsPool | Where-Object { $_.A", "MissingEndCurlyBrace", "{", ""),
        ("$x = \"abc", "TerminatorExpectedAtEndOfString", "\"abc", ""),
        ("$x = (1 + 2", "MissingEndParenthesisInExpression", "(", ""),
        ("$x = $(1", "MissingEndParenthesisInSubexpression", "$", ""),
        ("$x[1", "MissingEndSquareBracket", "[", ""),
        ("$x = 1 +", "ExpectedValueExpression", "+", ""),
        ("$x =", "ExpectedValueExpression", "=", ""),
        ("Get-CsPool | | Sort-Object", "EmptyPipeElement", "|", ""),
        ("Get-CsPool | 5", "ExpressionsMustBeFirstInPipeline", "5", ""),
        ("\"$x: y\" + $z", "InvalidVariableReferenceWithDrive", "$x:", "\"${x}: y\" + $z"),
        ("$h = @{A=1; a=2}", "DuplicateKeyInHashLiteral", "a", ""),
        ("foreach ($x of $y) { 1 }", "MissingInInForeach", "of", ""),
        ("do { $x } 5", "MissingWhileOrUntilInDoWhile", "5", ""),
        ("$x.", "MissingPropertyName", ".", ""),
        ("filter F { $_ }", "UnsupportedConstruct", "filter", ""),
        ("class C { [int]$A }", "UnsupportedConstruct", "class", ""),
        ("enum E { A }", "UnsupportedConstruct", "enum", ""),
        ("using module X", "UnsupportedConstruct", "using", ""),
        ("trap { 1 }", "UnsupportedConstruct", "trap", ""),
        (". .\\lib.ps1", "UnsupportedConstruct", ".", ""),
        ("Get-CsPool &", "UnsupportedConstruct", "&", ""),
        ("$env:PATH = 1", "UnsupportedConstruct", "$env:PATH", ""),
        ("Invoke-Expression $x", "UnsupportedConstruct", "Invoke-Expression", ""),
        ("Add-Type -Path x", "UnsupportedConstruct", "Add-Type", ""),
        ("Invoke-Command -ComputerName x { 1 }", "UnsupportedConstruct", "Invoke-Command", ""),
        ("if ($a && $b) { 1 }", "OperatorJoinsPipelines", "&&", "if ($a -and $b) { 1 }"),
        ("if ($a > 3) { 1 }", "RedirectionInCondition", ">", "if ($a -gt 3) { 1 }"),
    ];
    let world = World::new();
    let mut wrong = 0;
    for mode in [Mode::Rhai, Mode::PowerShell] {
        for (text, id, at, fixed) in cases {
            if mode == Mode::Rhai && text.starts_with("do ") {
                continue; // Rhai's own, which Rhai itself complains of.
            }
            let parsed = parse(text, mode, &world);
            let found = parsed.diagnostics.first();
            let good = found.is_some_and(|d| {
                let after = d.fix.as_ref().map(|fix| {
                    format!("{}{}{}", &text[..fix.span.start as usize], fix.text, &text[fix.span.end as usize..])
                });
                d.id == id && d.span.of(text) == at && d.hint.is_some() && after.unwrap_or_default() == fixed
            });
            if !good || parsed.diagnostics.len() != 1 {
                println!("{mode:?} {text}: {:?}\n", parsed.diagnostics);
                wrong += 1;
            }
        }
    }
    assert_eq!(wrong, 0);
}

#[test]
fn a_page_s_backslash_is_read_as_if_it_were_not_there() {
    let world = World::new();
    let text = "Get-CsAdminRole | Where-Object {$\\_.Cmdlets -match \"X\"} \\| Sort-Object Identity";
    let parsed = parse(text, Mode::Rhai, &world);
    let Some(Piece::Statement(Statement { kind: StatementKind::Chain(chain), .. })) = parsed.script.body.pieces.first()
    else {
        panic!("one statement")
    };
    assert_eq!(chain.first.stages.len(), 3);
    assert!(parsed.diagnostics.iter().all(|d| d.severity == Severity::Error && d.fix.is_some()));
}

#[test]
fn functions_and_their_parts() {
    let text = r#"
<#
.SYNOPSIS
Says something.
#>
function Get-Mine {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = "A")]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline = $true)] [Alias("N")] [ValidateSet("a", "b")] [string[]] $Name,
        [int] $Count = 5,
        [switch] $Quiet
    )
    begin { $n = 0 }
    process { $n += $Count }
    end { $n }
}
"#;
    let world = World::new();
    for mode in [Mode::Rhai, Mode::PowerShell] {
        let parsed = parse(text, mode, &world);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let Some(Piece::Statement(Statement { kind: StatementKind::Function(function), .. })) =
            parsed.script.body.pieces.first()
        else {
            panic!("one function")
        };
        assert_eq!(function.name.0, "Get-Mine");
        assert!(function.help.as_deref().is_some_and(|help| help.contains("Says something.")));
        assert_eq!(function.params.attributes[0].named.len(), 2);
        assert_eq!(function.params.parameters.len(), 3);
        let name = &function.params.parameters[0];
        assert_eq!(name.attributes.len(), 4);
        assert_eq!((name.attributes[3].name.name.as_str(), name.attributes[3].name.array_rank), ("string", 1));
        assert!(function.begin.is_some() && function.process.is_some() && function.end.is_some());
    }
}

#[test]
fn words_are_coloured_by_what_they_are() {
    use TokenKind::*;
    let world = World::new();
    let text =
        "let x = Get-CsPool -Site \"a$y\" | Where-Object { $_.Site -eq 5kb } # end\nprint(`n: ${x.len()}`); // c";
    let found: Vec<(TokenKind, &str)> =
        tokens(text, Mode::Rhai, &world).into_iter().map(|t| (t.kind, t.span.of(text))).collect();
    let want = [
        (Keyword, "let"),
        (Identifier, "x"),
        (Operator, "="),
        (Command, "Get-CsPool"),
        (Parameter, "-Site"),
        (String, "\"a"),
        (Variable, "$y"),
        (String, "\""),
        (Punctuation, "|"),
        (Command, "Where-Object"),
        (Punctuation, "{"),
        (Variable, "$_"),
        (Punctuation, "."),
        (Member, "Site"),
        (Operator, "-eq"),
        (Number, "5kb"),
        (Punctuation, "}"),
        (Comment, "# end"),
        (Function, "print"),
        (Punctuation, "("),
        (String, "`n: ${"),
        (Identifier, "x"),
        (Punctuation, "."),
        (Function, "len"),
        (Punctuation, "("),
        (Punctuation, ")"),
        (String, "}`"),
        (Punctuation, ")"),
        (Punctuation, ";"),
        (Comment, "// c"),
    ];
    assert_eq!(found, want);
}
