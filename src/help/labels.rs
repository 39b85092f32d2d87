//! The words of a help page that are not its text, by language.

use super::Locale;

/// Headings and words.
#[derive(Debug)]
#[allow(missing_docs, reason = "each is the English word that it stands for")]
pub struct Labels {
    pub name: &'static str,
    pub synopsis: &'static str,
    pub syntax: &'static str,
    pub description: &'static str,
    pub parameters: &'static str,
    pub aliases: &'static str,
    pub examples: &'static str,
    pub example: &'static str,
    pub notes: &'static str,
    pub related: &'static str,
    pub remarks: &'static str,
    pub inputs: &'static str,
    pub required: &'static str,
    pub position: &'static str,
    pub named: &'static str,
    pub pipeline: &'static str,
    pub by_value: &'static str,
    pub by_property: &'static str,
    pub values: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub none: &'static str,
    pub ours: &'static str,
    pub not_built: &'static str,
    /// Takes the cmdlet's name in place of `{}`.
    pub more: &'static str,
    pub common: &'static str,
    pub what_if: &'static str,
    pub confirm: &'static str,
}

static ENGLISH: Labels = Labels {
    name: "NAME",
    synopsis: "SYNOPSIS",
    syntax: "SYNTAX",
    description: "DESCRIPTION",
    parameters: "PARAMETERS",
    aliases: "ALIASES",
    examples: "EXAMPLES",
    example: "EXAMPLE",
    notes: "NOTES",
    related: "RELATED LINKS",
    remarks: "REMARKS",
    inputs: "INPUTS",
    required: "Required?",
    position: "Position?",
    named: "named",
    pipeline: "Accept pipeline input?",
    by_value: "ByValue",
    by_property: "ByPropertyName",
    values: "Accepted values",
    yes: "true",
    no: "false",
    none: "None.",
    ours: "Not in the public reference: an addition of this system.",
    not_built: "This cmdlet is known by its signature; it cannot run here yet.",
    more: "Examples: Get-Help {} -Examples. More: -Detailed, -Full.",
    common: "Every cmdlet has these: -Verbose, -Debug, -ErrorAction, -ErrorVariable, -WarningAction, -WarningVariable, \
             -InformationAction, -InformationVariable, -OutVariable, -OutBuffer, -PipelineVariable, -ProgressAction. See \
             Get-Help about_CommonParameters.",
    what_if: "Says what would happen, and does not do it.",
    confirm: "Asks before it does it.",
};

static ITALIAN: Labels = Labels {
    name: "NOME",
    synopsis: "IN BREVE",
    syntax: "SINTASSI",
    description: "DESCRIZIONE",
    parameters: "PARAMETRI",
    aliases: "ALIAS",
    examples: "ESEMPI",
    example: "ESEMPIO",
    notes: "NOTE",
    related: "VEDERE ANCHE",
    remarks: "OSSERVAZIONI",
    inputs: "INPUT",
    required: "Obbligatorio?",
    position: "Posizione?",
    named: "per nome",
    pipeline: "Accetta input dalla pipeline?",
    by_value: "ByValue",
    by_property: "ByPropertyName",
    values: "Valori ammessi",
    yes: "sì",
    no: "no",
    none: "Nessuno.",
    ours: "Non è nella documentazione pubblica: è un'aggiunta di questo sistema.",
    not_built: "Di questo cmdlet è nota la firma; qui non si può ancora eseguire.",
    more: "Esempi: Get-Help {} -Examples. Altro: -Detailed, -Full.",
    common: "Ogni cmdlet ha questi parametri: -Verbose, -Debug, -ErrorAction, -ErrorVariable, -WarningAction, \
             -WarningVariable, -InformationAction, -InformationVariable, -OutVariable, -OutBuffer, -PipelineVariable, \
             -ProgressAction. Vedere Get-Help about_CommonParameters.",
    what_if: "Dice che cosa accadrebbe, senza farlo.",
    confirm: "Chiede conferma prima di procedere.",
};

static KOREAN: Labels = Labels {
    name: "이름",
    synopsis: "개요",
    syntax: "구문",
    description: "설명",
    parameters: "매개 변수",
    aliases: "별칭",
    examples: "예제",
    example: "예제",
    notes: "참고",
    related: "관련 항목",
    remarks: "비고",
    inputs: "입력",
    required: "필수 여부",
    position: "위치",
    named: "이름으로 지정",
    pipeline: "파이프라인 입력",
    by_value: "ByValue",
    by_property: "ByPropertyName",
    values: "허용되는 값",
    yes: "예",
    no: "아니요",
    none: "없음",
    ours: "공개 문서에는 없는, 이 시스템에서 추가한 항목입니다.",
    not_built: "이 cmdlet은 서명만 알려져 있으며 여기에서는 아직 실행할 수 없습니다.",
    more: "예제: Get-Help {} -Examples. 자세한 내용: -Detailed, -Full.",
    common: "모든 cmdlet에 있는 매개 변수: -Verbose, -Debug, -ErrorAction, -ErrorVariable, -WarningAction, \
             -WarningVariable, -InformationAction, -InformationVariable, -OutVariable, -OutBuffer, -PipelineVariable, \
             -ProgressAction. Get-Help about_CommonParameters를 참조하십시오.",
    what_if: "실행하지 않고 어떤 일이 일어날지 알려 줍니다.",
    confirm: "실행하기 전에 확인을 요청합니다.",
};

/// The words of a language; English where it has none of its own.
pub fn of(locale: &Locale) -> &'static Labels {
    match locale.code() {
        "it" => &ITALIAN,
        "ko" => &KOREAN,
        _ => &ENGLISH,
    }
}
