$have = Get-Command Get-NoSuchThing -ErrorAction SilentlyContinue
if ($have) { Get-NoSuchThing }
if ($null -ne $have) { Get-NoSuchThing }
if (-not $have) { return }
Get-NoSuchThing
