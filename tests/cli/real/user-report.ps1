<#
.SYNOPSIS
    Reports the users that are enabled for Lync, with their pools and policies.

.DESCRIPTION
    Collects users, writes a CSV file and a summary on the screen.

.PARAMETER OutputPath
    Where the CSV file goes.

.PARAMETER Pool
    Only users of this pool.

.EXAMPLE
    .\user-report.ps1 -OutputPath C:\Temp\users.csv
#>
[CmdletBinding()]
param (
    [Parameter(Mandatory = $false, Position = 0)]
    [ValidateNotNullOrEmpty()]
    [string] $OutputPath = "users.csv",

    [Parameter(Mandatory = $false)]
    [string] $Pool,

    [switch] $Quiet
)

#region Setup
Import-Module Lync -ErrorAction SilentlyContinue
$ErrorActionPreference = "Continue"
$StartTime = Get-Date
$Results = @()
#endregion

Write-Verbose "Output goes to $OutputPath"

if ($Pool) {
    $Users = Get-CsUser | Where-Object { $_.RegistrarPool -like "$Pool*" }
}
else {
    $Users = Get-CsUser
}

foreach ($User in $Users) {
    $Object = New-Object -TypeName PSObject
    $Object | Add-Member -MemberType NoteProperty -Name "DisplayName" -Value $User.DisplayName
    $Object | Add-Member -MemberType NoteProperty -Name "SipAddress" -Value ($User.SipAddress -replace "^sip:", "")
    $Object | Add-Member -MemberType NoteProperty -Name "Pool" -Value $User.RegistrarPool
    $Object | Add-Member -MemberType NoteProperty -Name "Voice" -Value $(if ($User.EnterpriseVoiceEnabled) { "Yes" } else { "No" })
    $Results += $Object
}

$Results = $Results | Sort-Object -Property DisplayName
$Results | Export-Csv -Path $OutputPath -NoTypeInformation -Encoding UTF8

if (-not $Quiet) {
    $Groups = $Results | Group-Object -Property Pool
    foreach ($Group in $Groups) {
        Write-Host ("{0,-32} {1,5}" -f $Group.Name, $Group.Count) -ForegroundColor Green
    }
    Write-Host "Total: $($Results.Count) users" -ForegroundColor Cyan
    $Elapsed = (Get-Date) - $StartTime
    Write-Verbose ("Took {0:N1} seconds" -f $Elapsed.TotalSeconds)
}
