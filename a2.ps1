function Get-Thing { [CmdletBinding()][Alias('gth','gth2')] param([Alias('n','nm')][string]$Name) "thing $Name" }
gth -nm 5
gth2 -n 6
Get-Thing -nm 7
