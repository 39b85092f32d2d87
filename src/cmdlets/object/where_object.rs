//! Where-Object: lets through the objects for which a script block, or a comparison of one property, is true.

use super::input;
use super::property::{Lookup, lookup};
use super::signature::Signature;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Block, Str, Value, compare, ops, truth};

/// The operators: parameter, its set, its other name, the operator of the language.
const OPERATORS: [(&str, &str, &str, &str); 30] = [
    ("EQ", "EqualSet", "IEQ", "eq"),
    ("CEQ", "CaseSensitiveEqualSet", "", "ceq"),
    ("NE", "NotEqualSet", "INE", "ne"),
    ("CNE", "CaseSensitiveNotEqualSet", "", "cne"),
    ("GT", "GreaterThanSet", "IGT", "gt"),
    ("CGT", "CaseSensitiveGreaterThanSet", "", "cgt"),
    ("LT", "LessThanSet", "ILT", "lt"),
    ("CLT", "CaseSensitiveLessThanSet", "", "clt"),
    ("GE", "GreaterOrEqualSet", "IGE", "ge"),
    ("CGE", "CaseSensitiveGreaterOrEqualSet", "", "cge"),
    ("LE", "LessOrEqualSet", "ILE", "le"),
    ("CLE", "CaseSensitiveLessOrEqualSet", "", "cle"),
    ("Like", "LikeSet", "ILike", "like"),
    ("CLike", "CaseSensitiveLikeSet", "", "clike"),
    ("NotLike", "NotLikeSet", "INotLike", "notlike"),
    ("CNotLike", "CaseSensitiveNotLikeSet", "", "cnotlike"),
    ("Match", "MatchSet", "IMatch", "match"),
    ("CMatch", "CaseSensitiveMatchSet", "", "cmatch"),
    ("NotMatch", "NotMatchSet", "INotMatch", "notmatch"),
    ("CNotMatch", "CaseSensitiveNotMatchSet", "", "cnotmatch"),
    ("Contains", "ContainsSet", "IContains", "contains"),
    ("CContains", "CaseSensitiveContainsSet", "", "ccontains"),
    ("NotContains", "NotContainsSet", "INotContains", "notcontains"),
    ("CNotContains", "CaseSensitiveNotContainsSet", "", "cnotcontains"),
    ("In", "InSet", "IIn", "in"),
    ("CIn", "CaseSensitiveInSet", "", "cin"),
    ("NotIn", "NotInSet", "INotIn", "notin"),
    ("CNotIn", "CaseSensitiveNotInSet", "", "cnotin"),
    ("Is", "IsSet", "", "is"),
    ("IsNot", "IsNotSet", "", "isnot"),
];

/// What an object is held against.
#[derive(Default)]
enum Test {
    /// Nothing yet.
    #[default]
    Unset,
    /// A script block.
    Block(Block),
    /// The truth of a property, turned round for -Not.
    Truth { property: Str, negated: bool },
    /// A property and a value.
    Compare { property: Str, operator: &'static str, value: Value },
}

/// Where-Object.
#[derive(Default)]
pub struct WhereObject {
    test: Test,
}

impl ObjectCmdlet for WhereObject {
    const NAME: &'static str = "Where-Object";
    const ALIASES: &'static [&'static str] = &["?", "where"];
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Pools of one site, by a script block",
            run: "Get-CsPool | Where-Object { $_.Site -eq \"Site:Redmond\" }",
        },
        Example {
            what: "The same, by a property and an operator",
            run: "Get-CsPool | Where-Object Site -eq Site:Redmond",
        },
        Example {
            what: "Roles that hold a cmdlet",
            run: "Get-CsAdminRole | Where-Object {$_.Cmdlets -match \"Invoke-CsBackupServiceSync\"}",
        },
    ];

    fn spec() -> CmdletSpec {
        let mut sets = vec!["EqualSet", "ScriptBlockSet"];
        sets.extend(OPERATORS.iter().map(|(_, set, _, _)| *set).filter(|set| *set != "EqualSet"));
        sets.push("Not");
        let comparing: Vec<&str> = sets.iter().copied().filter(|set| *set != "ScriptBlockSet").collect();
        let valued: Vec<&str> = comparing.iter().copied().filter(|set| *set != "Not").collect();
        let mut signature = Signature::new(Self::NAME)
            .sets(&sets)
            .input()
            .parameter("FilterScript", ParameterType::ScriptBlock)
            .mandatory()
            .at(0)
            .only(&["ScriptBlockSet"])
            .parameter("Property", ParameterType::String)
            .mandatory()
            .at(0)
            .not_empty()
            .only(&comparing)
            .parameter("Value", ParameterType::Object)
            .at(1)
            .only(&valued);
        for (name, set, alias, _) in OPERATORS {
            signature = signature.switch(name).mandatory().only(&[set]);
            if name == "EQ" {
                // `Where-Object UpToDate` names no operator, and is this set all the same.
                signature = signature.optional();
            }
            if !alias.is_empty() {
                signature = signature.aliases(&[alias]);
            }
        }
        let mut spec = signature.switch("Not").mandatory().only(&["Not"]).build();
        spec.default_set = Some("EqualSet".into());
        spec
    }
}

impl WhereObject {
    fn prepare(bound: &Bound) -> Result<Test, ErrorRecord> {
        if let Some(Value::Block(block)) = bound.get("FilterScript") {
            return Ok(Test::Block(block.clone()));
        }
        let property = match bound.get("Property") {
            Some(Value::Str(name)) => name.clone(),
            _ => return Ok(Test::Unset),
        };
        if bound.switch("Not") {
            return Ok(Test::Truth { property, negated: true });
        }
        let operator = OPERATORS.iter().find(|(name, ..)| bound.switch(name)).map(|(.., operator)| *operator);
        match (operator, bound.get("Value")) {
            (Some(operator), Some(value)) => Ok(Test::Compare { property, operator, value: value.clone() }),
            (Some(operator), None) => Err(ErrorRecord::new(
                "ValueNotSpecifiedForWhereObject",
                Category::InvalidArgument,
                format!("-{operator} has no value to compare {property} with."),
            )
            .hint(format!("Write the value behind the operator: Where-Object {property} -{operator} VALUE."))),
            (None, Some(_)) => Err(ErrorRecord::new(
                "OperatorNotSpecified",
                Category::InvalidArgument,
                format!("Between the property {property} and the value there is no operator."),
            )
            .hint(format!(
                "Write one of -eq -ne -gt -ge -lt -le -like -match -contains -in: Where-Object {property} -eq VALUE."
            ))),
            (None, None) => Ok(Test::Truth { property, negated: false }),
        }
    }
}

/// The property of an object; an error is written where the pattern fits several.
fn property_of(item: &Value, property: &str, cx: &mut Context) -> Result<Option<Value>, Halt> {
    match lookup(item, property) {
        Lookup::Found(value) => Ok(Some(value)),
        Lookup::Missing => Ok(Some(Value::Null)),
        Lookup::Ambiguous(names) => {
            cx.error(super::property::ambiguous(property, &names, item))?;
            Ok(None)
        }
    }
}

fn holds(operator: &str, left: &Value, right: &Value) -> Result<bool, ErrorRecord> {
    // Of a list the operators keep the elements for which they hold.
    let single = !matches!(left, Value::List(_) | Value::Record(_));
    match operator {
        "eq" if !matches!(left, Value::List(_)) => Ok(compare::equals(left, right, false)),
        "ne" if !matches!(left, Value::List(_)) => Ok(!compare::equals(left, right, false)),
        "gt" if single => Ok(compare::order(left, right, false)?.is_gt()),
        "ge" if single => Ok(compare::order(left, right, false)?.is_ge()),
        "lt" if single => Ok(compare::order(left, right, false)?.is_lt()),
        "le" if single => Ok(compare::order(left, right, false)?.is_le()),
        _ => Ok(truth::is_true(&ops::binary(operator, left, right)?)),
    }
}

impl Run for WhereObject {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        self.test = Self::prepare(bound)?;
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound) else { return Ok(()) };
        let passes = match &self.test {
            Test::Unset => false,
            Test::Block(block) => cx.blocks.test(block, item)?,
            Test::Truth { property, negated } => match property_of(item, property, cx)? {
                Some(value) => truth::is_true(&value) != *negated,
                None => false,
            },
            Test::Compare { property, operator, value } => match property_of(item, property, cx)? {
                Some(left) => match holds(operator, &left, value) {
                    Ok(holds) => holds,
                    // It is that object's alone: the others are looked at.
                    Err(why) => {
                        let message = format!("The '-{operator}' operator failed: {}", why.message());
                        let failed = ErrorRecord::new("OperatorFailed", Category::InvalidOperation, message);
                        cx.error(failed.target(item.clone()))?;
                        false
                    }
                },
                None => false,
            },
        };
        if passes { cx.output(item.clone()) } else { Ok(()) }
    }
}
