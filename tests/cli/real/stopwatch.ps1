# Time and progress.
$watch = [System.Diagnostics.Stopwatch]::StartNew()
$total = 5
1..$total | % {
    $percent = [math]::Round(($_ / $total) * 100, 0)
    Write-Progress -Activity "Working" -Status "$percent% done" -PercentComplete $percent -CurrentOperation "step $_"
}
$watch.Stop()
$span = $watch.Elapsed
if ($span.TotalMinutes -lt 5) { Write-Host ("In time: {0:00}:{1:00}" -f $span.Hours, $span.Minutes) -ForegroundColor Green -BackgroundColor Black }
$measured = Measure-Command { Start-Sleep -Milliseconds 5 }
"measured: $($measured.TotalMilliseconds -ge 5)"
$deadline = (Get-Date).AddSeconds(30)
while ((Get-Date) -lt $deadline) { "once"; break }
"{0:hh\:mm\:ss}" -f ([timespan]"01:02:03")
$old = (Get-Date).AddDays(-30)
$stale = @([pscustomobject]@{ Name = "old"; Seen = $old.AddDays(-1) }, [pscustomobject]@{ Name = "new"; Seen = Get-Date })
$stale | Where-Object { $_.Seen -lt $old } | Select-Object -ExpandProperty Name
(Get-Date).ToUniversalTime().Kind
Get-Date -Format "yyyyMMdd" | ForEach-Object { $_.Length }
