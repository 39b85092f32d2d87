# A menu, as help desks have them.
function Show-Menu
{
    param (
        [string]$Title = 'Help desk'
    )
    #Clear-Host
    Write-Host "================ $Title ================" -ForegroundColor Cyan
    Write-Host "1: Press '1' for pools."
    Write-Host "2: Press '2' for users."
    Write-Host "Q: Press 'Q' to quit."
}

do
{
    Show-Menu
    $choice = Read-Host "Please make a selection"
    switch ($choice)
    {
        '1' { 'Pools:'; Get-CsPool | ForEach-Object { "  $($_.Identity)" } }
        '2' {
            $name = Read-Host -Prompt "Name"
            $found = @(Get-CsUser | Where-Object { $_.DisplayName -like "*$name*" })
            if ($found.Count -eq 0) { Write-Host "Nobody" -ForegroundColor Red; continue }
            $found | ForEach-Object { "  {0} ({1})" -f $_.DisplayName, $_.SipAddress }
        }
        'q' { return }
        default { Write-Host "'$choice' is no choice" -ForegroundColor Yellow }
    }
}
until ($choice -eq 'q')
