# What is not there is named before anything runs, once for each construct.
using namespace System.Text
"must not print"
Invoke-Expression "1 + 1"
Invoke-Expression "2 + 2"
Add-Type -AssemblyName System.Web
class Point { [int]$X }
enum Color { Red }
filter Only-Even { if ($_ % 2 -eq 0) { $_ } }
trap { "trapped" }
. .\library.ps1
$env:LYNC = "x"
$session = New-PSSession -ComputerName pool
Enter-PSSession pool
New-Object -ComObject Excel.Application
Get-CsNoSuchThing
Get-CsUser -NoSuchParameter 1
