# Enables users that a file lists: SamAccountName, Pool, LineUri.
Param(
    [parameter(Mandatory=$true)][string]$File,
    [string]$LogFile = "enable.log",
    [int]$Wait = 0
)

Function Write-Log {
    Param ([string]$Message, [string]$Level = "INFO")
    $stamp = Get-Date -Format "yyyy-MM-dd HH:mm:ss"
    "$stamp [$Level] $Message" | Out-File -FilePath $LogFile -Append
    switch ($Level) {
        "ERROR"   { Write-Host $Message -ForegroundColor Red }
        "WARNING" { Write-Host $Message -ForegroundColor Yellow }
        default   { Write-Host $Message }
    }
}

If (!(Test-Path $File)) {
    Write-Log "No file $File" "ERROR"
    Exit 5
}

$rows = @(Import-Csv $File)
$i = 0
$ok = 0
$bad = New-Object System.Collections.ArrayList

foreach ($row in $rows) {
    $i++
    Write-Progress -Activity "Enabling users" -Status "$i of $($rows.Count): $($row.Name)" -PercentComplete (($i / $rows.Count) * 100)
    $sip = "sip:" + $row.Name.Trim().ToLower().Replace(" ", ".") + "@litwareinc.com"
    $uri = $null
    if ($row.Extension -match '^\d{4}$') {
        $uri = "tel:+1425555$($row.Extension);ext=$($matches[0])"
    }
    Try {
        if ([string]::IsNullOrEmpty($row.Name)) { throw "Row $i has no name" }
        $params = @{
            Identity = $row.Name
            RegistrarPool = $row.Pool
            SipAddress = $sip
        }
        Enable-CsUser @params -ErrorAction Stop -WhatIf
        $ok++
        Write-Log "Enabled $($row.Name) as $sip $(if ($uri) { "with $uri" })"
    }
    Catch {
        [void]$bad.Add($row.Name)
        Write-Log "Row ${i}: $($_.Exception.Message)" "ERROR"
        Continue
    }
    Finally {
        Start-Sleep -Milliseconds $Wait
    }
}
Write-Progress -Activity "Enabling users" -Completed
Write-Log "$ok enabled, $($bad.Count) failed" $(if ($bad.Count) { "WARNING" } else { "INFO" })
