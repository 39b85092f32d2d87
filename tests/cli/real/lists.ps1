# Lists, tables and text, as scripts juggle them.
$list = New-Object System.Collections.ArrayList
[void]$list.Add("b"); $list.Add("a") | Out-Null; $null = $list.Add("c")
$list.Sort(); $list.Remove("b"); $list.Insert(0, "first")
"list: " + ($list -join ", ")
$generic = New-Object 'System.Collections.Generic.List[string]'
$generic.Add("x"); $generic.AddRange([string[]]("y", "z"))
"generic: $($generic.Count) $($generic[-1])"
$table = @{}
"red", "blue", "red" | ForEach-Object { if ($table.ContainsKey($_)) { $table[$_]++ } else { $table[$_] = 1 } }
foreach ($entry in $table.GetEnumerator() | Sort-Object Name) { "$($entry.Key)=$($entry.Value)" }
$nested = @{ Site = @{ Pools = @("p1", "p2"); Name = "Redmond" } }
$nested.Site.Pools += "p3"
"$($nested.Site.Name): $($nested.Site.Pools.Count) $($nested['Site'].Pools[-1])"
$array = 1..5
$array[1..3] -join "+"
$array += 6; "$($array.Length) $($array.GetUpperBound(0)) $($array -contains 6)"
$matrix = @(@(1, 2), @(3, 4)); $matrix[1][0]
$text = "CN=Ken Myer,OU=Users,DC=litwareinc,DC=com"
($text -split ",")[0].Substring(3)
$text.Split(",") | Where-Object { $_ -like "DC=*" } | ForEach-Object { $_.Split("=")[1] }
$text.IndexOf("OU="); $text.ToUpper().StartsWith("CN"); $text.Remove(11); "  x ".Trim() + "|"
if ("tel:+14255551212;ext=1212" -match "^tel:(?<number>\+\d+);ext=(\d+)$") { "$($Matches.number) ext $($Matches[1])" }
"a1b22c" -replace "[^\d]", ""
[string]::Join(";", @("one", "two")); [string]::IsNullOrEmpty("")
$sb = New-Object System.Text.StringBuilder
[void]$sb.Append("built "); [void]$sb.AppendLine("up"); $sb.ToString().Trim()
[math]::Round(2.567, 1); [math]::Truncate(9.9); [math]::Min(3, 2)
$bytes = [System.Text.Encoding]::UTF8.GetBytes("hi"); [Convert]::ToBase64String($bytes)
$name = "pool01"; "$name.litwareinc.com"; "$($name)_x"; "${name}x"; '$name'
$now = Get-Date "2026-11-21 08:35"; $now.AddDays(10).ToString("yyyy-MM-dd"); "{0:dd.MM.yyyy HH:mm}" -f $now
(New-TimeSpan -Start $now -End $now.AddHours(5)).TotalMinutes
$o = "" | Select-Object Name, Value; $o.Name = "n"; $o.Value = 5; "$($o.Name) $($o.Value)"
$custom = [PSCustomObject]@{ A = 1; B = "two"; C = $null }
$custom.PSObject.Properties | ForEach-Object { "$($_.Name):$($_.Value)" }
$x = if ($custom.A -eq 1) { "yes" } else { "no" }; $x
$y = foreach ($n in 1..3) { $n * $n }; "$y"
$z = switch ($custom.B) { "one" { 1 } "two" { 2 } }; $z
for ($i = 0; $i -lt 10; $i++) { if ($i -eq 2) { continue }; if ($i -gt 3) { break }; Write-Output "i$i" }
$i = 3; while ($i) { $i-- }; "i is $i"
do { $i++ } until ($i -ge 2); $i
1..3 | ForEach-Object -Begin { $sum = 0 } -Process { $sum += $_ } -End { "sum $sum" }
"one","two","three" | Where-Object Length -gt 3
@{n='v'}.n
