//! Measure-Object: counts, sums and extremes of objects; lines, words and characters of texts.

use super::input;
use super::property::{Expression, Keys, Lookup, Property, is_pattern, lookup, matching};
use super::signature::{Signature, many};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::convert::{Target, cast};
use crate::value::{Record, RecordType, Str, TextForm, Value, compare, member, same_name, text};
use std::cmp::Ordering;

/// Measure-Object.
#[derive(Default)]
pub struct MeasureObject {
    wanted: Wanted,
    properties: Vec<Property>,
    /// By property, in the order in which they were met; one without a name where no property is asked for.
    statistics: Vec<(Str, Statistics)>,
}

/// What is asked for.
#[derive(Default)]
struct Wanted {
    text: bool,
    sum: bool,
    average: bool,
    maximum: bool,
    minimum: bool,
    deviation: bool,
    line: bool,
    word: bool,
    character: bool,
    skip_blanks: bool,
}

#[derive(Default)]
struct Statistics {
    count: i64,
    sum: f64,
    /// Running mean and sum of squared differences from it, for the deviation.
    mean: f64,
    squares: f64,
    largest: Option<Value>,
    smallest: Option<Value>,
    not_numeric: bool,
    lines: i64,
    words: i64,
    characters: i64,
}

impl ObjectCmdlet for MeasureObject {
    const NAME: &'static str = "Measure-Object";
    const ALIASES: &'static [&'static str] = &["measure"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "How many users there are", run: "Get-CsUser | Measure-Object" },
        Example { what: "Sum and average", run: "1..10 | Measure-Object -Sum -Average" },
        Example { what: "What a block makes of each", run: "\"a\", \"bcd\" | Measure-Object { $_.Length * 2 } -Sum" },
        Example { what: "Words of a text", run: "\"one two\", \"three\" | Measure-Object -Line -Word" },
    ];

    fn spec() -> CmdletSpec {
        let generic = ["GenericMeasure"];
        let textual = ["TextMeasure"];
        let mut signature = Signature::new(Self::NAME)
            .sets(&["GenericMeasure", "TextMeasure"])
            .input()
            .parameter("Property", many(ParameterType::Object))
            .at(0);
        for name in ["StandardDeviation", "Sum", "AllStats", "Average", "Maximum", "Minimum"] {
            signature = signature.switch(name).only(&generic);
        }
        for name in ["Line", "Word", "Character", "IgnoreWhiteSpace"] {
            signature = signature.switch(name).only(&textual);
        }
        signature.build()
    }
}

/// A value as a number, if it is one or reads as one.
fn numeric(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Bool(_) | Value::Decimal(_) | Value::Str(_) => match cast(value, &Target::Double) {
            Ok(Value::Float(number)) => Some(number),
            _ => None,
        },
        _ => None,
    }
}

impl Statistics {
    fn add_number(&mut self, number: f64) {
        self.sum += number;
        let step = number - self.mean;
        self.mean += step / self.count as f64;
        self.squares += step * (number - self.mean);
    }

    fn add_text(&mut self, text: &str, skip_blanks: bool) {
        if !text.is_empty() {
            let breaks = text.matches('\n').count() + usize::from(!text.ends_with('\n'));
            self.lines += breaks as i64;
        }
        self.words += text.split_whitespace().count() as i64;
        let counted = text.chars().filter(|c| !(skip_blanks && c.is_whitespace()));
        // As PowerShell counts: in units of UTF-16.
        self.characters += counted.map(char::len_utf16).sum::<usize>() as i64;
    }
}

/// Whichever of two values is further in a direction; texts that read as numbers count as numbers.
fn further(known: Option<Value>, new: &Value, direction: Ordering) -> Option<Value> {
    let Some(known) = known else { return Some(new.clone()) };
    let order = match (numeric(new), numeric(&known)) {
        (Some(new), Some(known)) => new.total_cmp(&known),
        _ => compare::order(new, &known, true).unwrap_or_else(|_| text::to_text(new).cmp(&text::to_text(&known))),
    };
    Some(if order == direction { new.clone() } else { known })
}

impl MeasureObject {
    fn entry(&mut self, name: &str) -> &mut Statistics {
        let at = match self.statistics.iter().position(|(known, _)| same_name(known, name)) {
            Some(at) => at,
            None => {
                self.statistics.push((name.into(), Statistics::default()));
                self.statistics.len() - 1
            }
        };
        // `at` was just found or made.
        &mut self.statistics[at].1
    }

    fn add(&mut self, name: &str, value: &Value, cx: &mut Context) -> Result<(), Halt> {
        let Wanted { sum, average, deviation, maximum, minimum, skip_blanks, .. } = self.wanted;
        let textual = self.wanted.text;
        let statistics = self.entry(name);
        statistics.count += 1;
        if textual {
            statistics.add_text(&text::to_text(value), skip_blanks);
            return Ok(());
        }
        if maximum {
            statistics.largest = further(statistics.largest.take(), value, Ordering::Greater);
        }
        if minimum {
            statistics.smallest = further(statistics.smallest.take(), value, Ordering::Less);
        }
        if sum || average || deviation {
            match numeric(value) {
                Some(number) => statistics.add_number(number),
                None => {
                    statistics.not_numeric = true;
                    let error = ErrorRecord::new(
                        "NonNumericInputObject",
                        Category::InvalidType,
                        format!("\"{}\" is no number.", text::to_text(value)),
                    );
                    return cx.error(error.target(value.clone()));
                }
            }
        }
        Ok(())
    }
}

impl MeasureObject {
    /// Measures what a property, a pattern or a block gives of an object.
    fn property(&mut self, property: &Property, item: &Value, cx: &mut Context) -> Result<(), Halt> {
        let name = match &property.expression {
            Expression::Name(name) => name,
            Expression::Block(block) => {
                return match property.value(item, cx)?.filter(|value| !value.is_null()) {
                    Some(value) => self.add(block.text().trim(), &value, cx),
                    None => Ok(()),
                };
            }
        };
        let names = if is_pattern(name) { matching(item, name) } else { vec![name.clone()] };
        for name in names {
            let value = match lookup(item, &name) {
                Lookup::Found(value) => value,
                Lookup::Missing => continue,
                Lookup::Ambiguous(_) => member::get(item, &name).unwrap_or_default(),
            };
            if !value.is_null() {
                self.add(&name, &value, cx)?;
            }
        }
        Ok(())
    }
}

impl Run for MeasureObject {
    fn begin(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let all = bound.switch("AllStats");
        self.wanted = Wanted {
            text: ["Line", "Word", "Character", "IgnoreWhiteSpace"].iter().any(|name| bound.switch(name)),
            sum: all || bound.switch("Sum"),
            average: all || bound.switch("Average"),
            maximum: all || bound.switch("Maximum"),
            minimum: all || bound.switch("Minimum"),
            deviation: all || bound.switch("StandardDeviation"),
            line: bound.switch("Line"),
            word: bound.switch("Word"),
            character: bound.switch("Character"),
            skip_blanks: bound.switch("IgnoreWhiteSpace"),
        };
        self.properties = Property::read_all(bound.get("Property"), Keys::Plain)?;
        if self.properties.is_empty() {
            self.statistics.push(("".into(), Statistics::default()));
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound).filter(|item| !item.is_null()) else { return Ok(()) };
        if self.properties.is_empty() {
            return self.add("", item, cx);
        }
        let properties = std::mem::take(&mut self.properties);
        let measured = properties.iter().try_for_each(|property| self.property(property, item, cx));
        self.properties = properties;
        measured
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for (name, statistics) in std::mem::take(&mut self.statistics) {
            let property = if name.is_empty() { Value::Null } else { Value::Str(name) };
            cx.output(self.wanted.report(statistics, property))?;
        }
        Ok(())
    }
}

impl Wanted {
    fn report(&self, statistics: Statistics, property: Value) -> Record {
        if self.text {
            let shown = |wanted: bool, number: i64| if wanted { Value::Int(number) } else { Value::Null };
            let kind = RecordType::new("Microsoft.PowerShell.Commands.TextMeasureInfo", TextForm::TypeName);
            return Record::new(
                kind,
                [
                    ("Lines", shown(self.line, statistics.lines)),
                    ("Words", shown(self.word, statistics.words)),
                    ("Characters", shown(self.character, statistics.characters)),
                    ("Property", property),
                ],
            );
        }
        let numbers = !statistics.not_numeric;
        let shown = |wanted: bool, number: f64| if wanted && numbers { Value::Float(number) } else { Value::Null };
        let average = if statistics.count > 0 { statistics.sum / statistics.count as f64 } else { 0.0 };
        let deviation =
            if statistics.count > 1 { (statistics.squares / (statistics.count - 1) as f64).sqrt() } else { 0.0 };
        let kind = RecordType::new("Microsoft.PowerShell.Commands.GenericMeasureInfo", TextForm::TypeName);
        Record::new(
            kind,
            [
                ("Count", Value::Int(statistics.count)),
                ("Average", shown(self.average, average)),
                ("Sum", shown(self.sum, statistics.sum)),
                ("Maximum", statistics.largest.into()),
                ("Minimum", statistics.smallest.into()),
                ("StandardDeviation", shown(self.deviation, deviation)),
                ("Property", property),
            ],
        )
    }
}
