# Splatting, script blocks, redirection, bare words with variables.
$common = @{ ErrorAction = "SilentlyContinue"; WarningAction = "SilentlyContinue" }
$missing = Get-CsPool -Identity "nothing.litwareinc.com" @common
if ($missing -eq $null) { "nothing" }
$args1 = @("one", "two")
function Show-Two ($a, $b) { "$a and $b" }
Show-Two @args1
$block = { param($x) $x * 2 }
& $block 21
$block.Invoke(4)
$user = "ken"; $domain = "litwareinc.com"
Write-Output $user@$domain
Write-Output sip:$user@litwareinc.com
$path = "folder"; Write-Output $path\file.txt
Write-Output "$path\$user.log"
Get-Item nosuch 2>$null
$all = & { Write-Warning "w"; "o" } 3>&1; $all.Count
Write-Error "hidden" 2>&1 | Out-Null
"a","b" | & { process { "<$_>" } }
$sorted = "b","a" | Sort-Object; "$sorted"
$env:PATH.Length -gt 0
$str = 'He said ''hi''' ; $str
Write-Host "Backtick `"quoted`" and tab`tend"
Write-Host "continued" `
    -ForegroundColor `
    Green
"text" | Out-Null
[void](1 + 1)
$a, $b = 1, 2; "$b$a"
$n = 5; $n += 2; $n *= 3; $n -= 1; $n /= 4; $n %= 3; $n
"{0}" -f $(if ($n -eq 2) { "two" } else { "other" })
$big = 5GB; $big / 1GB; 0x10; 1e3
"x" * 3 + "y"
!$true; -not $false; $true -and !$false
"abc"[0] + "abc"[-1]
(1..3 | ForEach-Object { $_ }).Count
$hash = @{}; $hash.a = 1; $hash["b"] = 2; ($hash.Keys | Sort-Object) -join ","
@($null).Count; @().Count
$PSVersionTable.PSVersion.Major -ge 5
$MyInvocation.MyCommand.Name
