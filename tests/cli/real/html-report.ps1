# A page of the replication status.
[cmdletbinding()]
Param(
    [Parameter()]
    [Alias("Path","File")]
    [string]$Report = "replication.html",
    [ValidateRange(1,1440)]
    [int]$WarnMinutes = 30
)
Begin {
    $style = @"
<style>
body { font-family: Segoe UI, sans-serif; }
td.bad { background-color: #ff8080; }
</style>
"@
    $title = "Replication of $(Get-Date -Format 'yyyy-MM-dd')"
    $bad = 0
}
Process {
    $rows = Get-CsManagementStoreReplicationStatus | Select-Object @{n='Replica';e={$_.ReplicaFqdn}},
        @{Name = 'State'; Expression = { if ($_.UpToDate) { 'OK' } else { 'LATE' } }},
        @{l='Version'; e={ '{0}' -f $_.ProductVersion }}
    $bad = ($rows | Where-Object { $_.State -ne 'OK' } | Measure-Object).Count
    $table = $rows | Sort-Object Replica | ConvertTo-Html -Fragment -PreContent "<h1>$title</h1>"
    $table = $table -replace '<td>LATE</td>', '<td class="bad">LATE</td>'
}
End {
    $page = @"
<html><head><title>$title</title>$style</head>
<body>
$($table -join "`r`n")
<p>$($rows.Count) replicas, $bad late. Report of $env:COMPUTERNAME</p>
</body></html>
"@
    $page | Out-File -FilePath $Report -Encoding utf8 -Force
    Write-Host "Wrote $Report" -ForegroundColor Green
    if ($bad -gt 0) { Write-Warning "$bad replicas are late" }
}
