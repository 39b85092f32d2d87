# Dumps the voice configuration into one text file for each kind.
param([string]$Folder = ".\dump", [string[]]$Kinds = @("DialPlan","VoicePolicy","VoiceRoute","PstnUsage"))

$ErrorActionPreference = 'SilentlyContinue'
if ((Test-Path $Folder) -eq $false) { New-Item -Path $Folder -ItemType Directory | Out-Null }

function dump([string]$name, $objects)
{
	$path = "$Folder\$name.txt"
	$header = "=" * 40
	$header | Out-File $path
	"$name : $(@($objects).Count) object(s)" | Out-File $path -Append
	if ($objects -ne $null)
	{
		foreach ($o in $objects)
		{
			"[$($o.Identity)]" >> $path
			($o | Format-List * | Out-String).Trim() >> $path
		}
	}
	else { "none" | Add-Content $path }
	return $path
}

$files = @{}
switch -Wildcard ($Kinds)
{
	"Dial*"   { $files.Add("DialPlan", (dump "DialPlan" (Get-CsDialPlan))) }
	"Voice*"  { if ($_ -eq "VoicePolicy") { $files[$_] = dump $_ (Get-CsVoicePolicy) } else { $files[$_] = dump $_ (Get-CsVoiceRoute) } }
	"Pstn*"   { $files.$_ = dump $_ (Get-CsPstnUsage | Select-Object Identity, @{Name="Usages"; Expression={$_.Usage -join ", "}}) }
	default   { Write-Warning "Unknown kind $_" }
}
foreach ($key in ($files.Keys | Sort-Object)) { "{0,-12} -> {1}" -f $key, (Split-Path $files[$key] -Leaf) }
