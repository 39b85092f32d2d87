# Filters with the caller's variables.
$pool = (Get-CsPool | Where-Object { $_.Services -match "UserServer" } | Select-Object -First 1).Identity
$name = "Ken"
$byBlock = Get-CsUser -Filter { DisplayName -like "Ken*" }
$byVariable = Get-CsUser -Filter {DisplayName -like $name}
$byText = Get-CsUser -Filter "DisplayName -like '$name*'"
$notNull = Get-CsUser -Filter {LineURI -ne $Null}
$both = Get-CsUser -Filter {RegistrarPool -eq $pool -and EnterpriseVoiceEnabled -eq $true}
"block $(@($byBlock).Count) text $(@($byText).Count)"
"both $(@($both).Count -le @(Get-CsUser).Count)"
$roles = Get-CsAdminRole -Filter "*Voice*" | Select Identity
$roles | ForEach-Object { $_.Identity }
Get-CsAdminRole | Where-Object {$_.Cmdlets -match "Get-CsUser"} | Measure-Object | Select-Object -ExpandProperty Count | ForEach-Object { $_ -gt 0 }
foreach ($site in Get-CsSite) { Write-Output ("{0}: {1} pool(s)" -f $site.DisplayName, @($site.Pools).Count) }
$count = (Get-CsComputer | Group-Object Pool | Sort-Object Count -Descending)[0].Count
"largest pool: $count"
