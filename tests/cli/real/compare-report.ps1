# Compares two lists and reports the difference.
Function Get-Difference {
    Param(
        [Parameter(Mandatory=$True)]$Reference,
        [Parameter(Mandatory=$True)]$Difference,
        [String]$Property = "Name"
    )
    Compare-Object -ReferenceObject $Reference -DifferenceObject $Difference -Property $Property |
        ForEach-Object {
            $side = switch ($_.SideIndicator) { "<=" { "removed" } "=>" { "added" } }
            New-Object PSObject -Property @{ Item = $_.$Property; Change = $side }
        }
}
$before = "a,1","b,2","c,3" | ConvertFrom-Csv -Header Name,Value
$after = "b,2","c,4","d,5" | ConvertFrom-Csv -Header Name,Value
$diff = Get-Difference $before $after
$diff | Sort-Object Item | ForEach-Object { "$($_.Item) $($_.Change)" }
$stats = $after | Measure-Object -Property Value -Sum -Average -Maximum
"sum $($stats.Sum) average $($stats.Average) max $($stats.Maximum)"
$after | Select-Object Name, @{ Name = "Share"; Expression = { "{0:P0}" -f ([int]$_.Value / $stats.Sum) } } | Format-Table -AutoSize
$after | Format-Table Name, Value -HideTableHeaders | Out-String -Width 40 | ForEach-Object { $_.Trim() }
$unique = $before + $after | Select-Object -ExpandProperty Name -Unique
"$unique"
($after | Where-Object { $_.Name -ne "d" } | Select-Object -Last 1).Value
$after[0] | Get-Member -MemberType NoteProperty | Select-Object -ExpandProperty Name
$after | ConvertTo-Html -Property Name -Title "After" | Select-String "<td>" | Measure-Object -Line | Select-Object -ExpandProperty Lines
$custom = foreach ($row in $after) { [PSCustomObject]@{ Id = $row.Name; Twice = 2 * $row.Value } }
$custom | Where-Object { $_.Twice -ge 8 } | Sort-Object Twice -Descending | Format-List
