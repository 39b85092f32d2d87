function Get-A { [CmdletBinding()] param($p)
 $ex = [System.Exception]::new('boom')
 $r = [System.Management.Automation.ErrorRecord]::new($ex,'MyId',[System.Management.Automation.ErrorCategory]::InvalidData,$p)
 if ($p -eq 1) { $PSCmdlet.ThrowTerminatingError($r) } else { $PSCmdlet.WriteError($r) } }
Get-A 2
try { Get-A 1 } catch { $_.FullyQualifiedErrorId; $_.CategoryInfo.ToString(); $_.TargetObject }
[System.Management.Automation.ErrorCategory]::ObjectNotFound
$r = New-Object System.Management.Automation.ErrorRecord ([Exception]'m'),'Id2','NotSpecified',$null
$r.FullyQualifiedErrorId
