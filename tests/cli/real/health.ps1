# Checks and typed errors.
$ErrorActionPreference = "Stop"
[int]$failures = 0
[string[]]$messages = @()
$checks = [ordered]@{
    "Pools"    = { (Get-CsPool | Measure-Object).Count -gt 0 }
    "Divide"   = { 1 / 0 }
    "Missing"  = { Get-Content -Path ./not-here.txt }
    "Cast"     = { [int]"abc" }
    "Throw"    = { throw [System.InvalidOperationException] "by hand" }
    "Command"  = { Get-CsPool -Identity "nosuch.litwareinc.com" }
}
foreach ($name in $checks.Keys) {
    $result = "OK"
    try {
        $answer = & $checks[$name]
        if (-not $answer) { $result = "FALSE" }
    }
    catch [System.DivideByZeroException] { $result = "DIVIDE"; $failures++ }
    catch [System.Management.Automation.ItemNotFoundException] { $result = "NOTFOUND"; $failures++ }
    catch [System.InvalidOperationException], [System.ArgumentException] { $result = "INVALID: $($_.Exception.Message)"; $failures++ }
    catch {
        $result = "ERROR"
        $failures++
        $messages += "$name failed: $($_.CategoryInfo.Category)"
    }
    finally { Write-Host ("{0}: {1}" -f $name.PadRight(10, '.'), $result) }
}
Write-Host "$failures failures" -ForegroundColor $(if ($failures -gt 0) { "Red" } else { "Green" })
$messages
if ($failures -ge 3) { exit $failures }
