function Get-Own {
<#
.SYNOPSIS
Gets own things.
.DESCRIPTION
Long text.
.PARAMETER Name
The name of it.
.EXAMPLE
Get-Own -Name x
Gets x.
#>
param([Parameter(Mandatory)][string]$Name, [string[]]$L) $L.GetType().Name; $Name.GetType().Name }
Get-Own -Name y -L 'a','b'
Get-Own -Name y -L 'a'
Get-Help Get-Own
function Get-Bare($a,[int]$b) { 1 }
Get-Help Get-Bare
[string[]]$z = 'a','b'; $z.GetType().Name
function Foo([int[]]$n) { $n.GetType().FullName }
Foo 1,2
