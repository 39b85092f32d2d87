# Files and folders.
Param([string]$Root = ".\work")
if (!(Test-Path -Path $Root -PathType Container)) { $null = New-Item $Root -Type Directory -Force }
$log = Join-Path -Path $Root -ChildPath "run.log"
"started" | Out-File $log
"line two" >> $log
Add-Content -Path $log -Value "line three"
Get-Content $log | ForEach-Object { "[$_]" }
$lines = Get-Content -Path $log
"lines: $($lines.Count), last: $($lines[-1])"
(Get-Content $log -Raw).Length -gt 10
1..3 | % { Set-Content -Path "$Root\file$_.txt" -Value ("x" * $_) }
Get-ChildItem $Root -Filter *.txt | Sort-Object Name | Select-Object Name, Length | Format-Table -AutoSize
$old = Get-ChildItem -Path $Root | Where-Object { !$_.PSIsContainer -and $_.Extension -eq ".txt" }
$old.Count
$old | Remove-Item -Force -Confirm:$false
@(Get-ChildItem $Root\*.txt).Count
Copy-Item $log "$Root\copy.log"; Test-Path "$Root\copy.log"
[System.IO.Path]::GetFileNameWithoutExtension($log); [IO.Path]::GetExtension("a.csv")
$data = @"
Name;Number
Ken;1
Pilar;2
"@
$data | Out-File "$Root\data.csv" -Encoding ASCII
$import = Import-Csv "$Root\data.csv" -Delimiter ";"
$import | ForEach-Object { "{0}={1}" -f $_.Name, $_.Number }
$import | Where-Object { [int]$_.Number -gt 1 } | Export-Csv "$Root\out.csv" -NoTypeInformation
Get-Content "$Root\out.csv"
$json = $import | ConvertTo-Json -Compress
$json
($json | ConvertFrom-Json)[1].Name
Remove-Item $Root -Recurse -Force
Test-Path $Root
