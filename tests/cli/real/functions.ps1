#Requires -Version 3
# Functions of all shapes.
Set-StrictMode -Off
$script:calls = 0
$global:ReportTitle = "Functions"

function Get-Larger ([int]$a, [int]$b = 10) { if ($a -gt $b) { return $a }; $b }

function ConvertTo-Sip {
    <#
        .SYNOPSIS
        Makes SIP addresses of names.
        .PARAMETER Name
        The name.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Low')]
    [OutputType([string])]
    param (
        [Parameter(Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true, HelpMessage = "A name")]
        [Alias('DisplayName')]
        [ValidateLength(1, 64)]
        [string[]] $Name,

        [ValidateSet('litwareinc.com', 'contoso.com')]
        [string] $Domain = 'litwareinc.com',

        [switch] $Upper
    )
    begin {
        $done = 0
        Write-Verbose "Domain is $Domain"
    }
    process {
        foreach ($one in $Name) {
            $script:calls++
            if ($PSCmdlet.ShouldProcess($one, 'Convert')) {
                $text = ($one.Trim() -replace '\s+', '.').ToLower()
                if ($Upper.IsPresent) { $text = $text.ToUpper() }
                "sip:$text@$Domain"
                $done += 1
            }
        }
    }
    end { Write-Verbose "$done made" }
}

Function Test-Bound { Param($One, $Two) if ($PSBoundParameters.ContainsKey('One')) { "one=$One" } if ($null -eq $Two) { 'no two' } }
function Invoke-Twice { param([scriptblock]$Block) & $Block; & $Block }
function Get-Counter { return $script:calls }
function Set-Title { param([string]$Title) $global:ReportTitle = $Title }
function Get-Nothing { }
function Get-Many { ,@(1, 2, 3) }
function Get-Table { @{ Name = 'n'; Count = 2 } }

Get-Larger 3
Get-Larger 30 -b 20
ConvertTo-Sip "Ken Myer"
"Pilar  Ackerman", "Lisa Andrews" | ConvertTo-Sip -Domain contoso.com
[pscustomobject]@{ DisplayName = "Toni Poe" } | ConvertTo-Sip -Upper
ConvertTo-Sip "Nobody" -WhatIf
Test-Bound -One 1
Test-Bound
Invoke-Twice { "twice" }
"calls: $(Get-Counter)"
Set-Title -Title "New"; $ReportTitle
$null -eq (Get-Nothing)
(Get-Many).Count
(Get-Table).Name
$t = Get-Table
"$($t.Name) has $($t['Count'])"
try { ConvertTo-Sip "x" -Domain fabrikam.com } catch { "refused: $($_.FullyQualifiedErrorId)" }
